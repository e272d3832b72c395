"""From a figure of a report to the entries behind it, as addresses of the ledger list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from wallet.admin.reports_filters import NO_GAME
from wallet.models import Wallet
from wallet.reports.asking import Ask
from wallet.reports.figures import FIGURES

# Which figure's entries stand behind a column of the daily summary.
_BEHIND = {**{name: {"figure": name} for name in FIGURES},
           "bets": {"figure": "stakes", "kind__exact": "bet"},
           "players": {"figure": "stakes"}}  # fmt: skip


def link_of(report: str, ask: Ask, row: Any, column: str) -> str:
    """The address of the entries behind one cell; empty where there are none."""
    match report:
        case "daily":
            return _of_daily(ask, row, column)
        case "trial_balance" if column == "balance":
            return _of_account(ask, row)
        case "negative" if column in {"player", "balance"}:
            return _of_wallet(row)
        case "large" if column in {"entry", "amount"}:
            return reverse("admin:wallet_ledgerentry_change", args=[row.pk])
    return ""


def _list(query: Mapping[str, Any]) -> str:
    return f"{reverse('admin:wallet_ledgerentry_changelist')}?{urlencode(query)}"


def _of_daily(ask: Ask, row: Mapping[str, Any], column: str) -> str:
    """By the time of play; the time of posting only bounds where the list has to look."""
    if column not in _BEHIND or not row[column] or row["first"] is None:
        return ""
    first_day, last_day = days_of(ask)
    query = {
        "occurred_at_from": row.get("day", first_day),
        "occurred_at_to": row.get("day", last_day),
        "posted_at_from": timezone.localtime(row["first"]).date(),
        "posted_at_to": timezone.localtime(row["last"]).date(),
        "currency__exact": row["currency"],
        **_BEHIND[column],
    }
    channel = row.get("channel_id", ask.channel)
    if channel is not None:
        query["channel__id__exact"] = channel
    for key, path in (("sub_channel_id", "player__sub_channel"), ("agent_id", "player__agent")):
        if key in row:
            query |= (
                {f"{path}__isnull": True} if row[key] is None else {f"{path}__id__exact": row[key]}
            )
    if "game" in row:
        query["game"] = NO_GAME if row["game"] is None else row["game"]
    return _list(query)


def days_of(ask: Ask) -> tuple[Any, Any]:
    """The first and the last day of the period in the reader's zone."""
    last = ask.period.until - timedelta(microseconds=1)
    return timezone.localtime(ask.period.since).date(), timezone.localtime(last).date()


def _of_account(ask: Ask, row: Mapping[str, Any]) -> str:
    query: dict[str, Any] = {
        "posted_at": "all",
        "posted_at__lt": ask.period.until.isoformat(),
        "outcome__exact": "applied",
        "channel__id__exact": row["channel_id"],
        "currency__exact": row["currency"],
    }
    if row["house_account_id"] is not None:
        query["house_account__id__exact"] = row["house_account_id"]
    return _list(query)


def _of_wallet(wallet: Wallet) -> str:
    return _list({"wallet__id__exact": wallet.pk, "posted_at": "all"})
