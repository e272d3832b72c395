"""The home page: today's figures, the last days as charts, and what waits for a person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wallet import totals
from wallet.admin.adjustments import waiting_for
from wallet.admin.base import choices_of
from wallet.admin.display import money
from wallet.admin.home_charts import NO_FIGURES, charts_of
from wallet.models import (
    ActivePlayer,
    Adjustment,
    Channel,
    HourlyTotal,
    PlayerSession,
    SubChannel,
    Verification,
    Wallet,
)
from wallet.scope import scope_of, visible

Text = str | Promise
ON_LINE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that waits for a person; ``link`` shows it."""

    text: Text
    count: int
    link: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of today that another app knows, by channel number.

    ``by_part`` says that it counts for staff of sub-channels too.
    """

    title: Text
    permission: str
    count: Callable[[HttpRequest, datetime], dict[int, int]]
    by_part: bool = False


@dataclass(slots=True)
class Registry:
    """What other apps add to the home page."""

    alerts: list[Callable[[HttpRequest], Sequence[Alert]]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


REGISTRY = Registry()


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the template of the home page; called by Unfold."""
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    shown = request.user.has_perm("wallet.view_ledgerentry")
    channels = {channel.pk: channel for channel in choices_of(Channel, request).order_by("pk")}
    hourly = _seen(request, HourlyTotal.objects.filter(channel__in=list(channels)))
    seen = (*channels, "parts", *sorted(scope_of(request.user).sub_channels))
    return {
        **context,
        "title": _("Home"),
        "alerts": [alert for alert in _alerts(request) if alert.count],
        "today": _today(request, channels, hourly, midnight) if shown else None,
        "charts": charts_of(hourly, seen) if shown else [],
        "rolled_at": totals.rolled_at(),
        "figures_shown": shown,
    }


def _seen(request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    return visible(request.user, rows, sub_channel="sub_channel")


def _today(
    request: HttpRequest,
    channels: dict[int, Channel],
    hourly: QuerySet[HourlyTotal],
    midnight: datetime,
) -> dict[str, Any]:
    figures = totals.by_channel(hourly, since=midnight)
    for number, channel in channels.items():
        if not any(key[0] == number for key in figures):
            figures[number, channel.currency] = NO_FIGURES
    active = totals.players_by_channel(
        _seen(request, ActivePlayer.objects.filter(channel__in=list(channels))), since=midnight
    )
    on_line = _on_line(request, list(channels))
    columns = [one for one in REGISTRY.columns if request.user.has_perm(one.permission)]
    counts = [one.count(request, midnight) for one in columns]
    parts = _parts(request)
    return {
        "headers": [
            _("channel"),
            _("currency"),
            _("bets"),
            _("stakes"),
            _("winnings"),
            _("gross revenue"),
            _("deposits"),
            _("withdrawals"),
            _("active players"),
            _("on line"),
            *[one.title for one in columns],
        ],
        "rows": [
            [
                " · ".join([str(channels[number]), *parts.get(number, [])]),
                currency,
                f"{row.bets:,}",
                money(row.stakes),
                money(row.winnings),
                money(row.revenue, signed=True),
                money(row.deposits),
                money(row.withdrawals),
                active.get((number, currency), 0),
                on_line.get(number, 0),
                *[
                    count.get(number, 0) if one.by_part or number not in parts else "—"
                    for one, count in zip(columns, counts, strict=True)
                ],
            ]
            for (number, currency), row in sorted(figures.items())
        ],
        "on_line": sum(on_line.values()),
    }


def _on_line(request: HttpRequest, channels: list[int]) -> dict[int, int]:
    """Players of the channels who did something in the last minutes."""
    sessions = visible(
        request.user,
        PlayerSession.objects.filter(
            channel__in=channels, last_used_at__gte=timezone.now() - ON_LINE, ended_at=None
        ),
        sub_channel="player__sub_channel",
    )
    rows = sessions.values("channel").annotate(players=Count("player", distinct=True))
    return {row["channel"]: row["players"] for row in rows.order_by()}


def _parts(request: HttpRequest) -> dict[int, list[str]]:
    """The sub-channels to which the reader is limited, by channel."""
    parts: dict[int, list[str]] = {}
    mine = SubChannel.objects.filter(pk__in=scope_of(request.user).sub_channels)
    for part in mine.order_by("pk"):
        parts.setdefault(part.channel_id, []).append(str(part))
    return parts


def _alerts(request: HttpRequest) -> list[Alert]:
    alerts = []
    user = request.user
    if user.has_perm("wallet.approve_adjustment"):
        mine = visible(user, Adjustment.objects.all(), sub_channel="wallet__player__sub_channel")
        alerts.append(
            Alert(
                _("Adjustments waiting for you"),
                waiting_for(request, mine).count(),
                reverse("admin:wallet_adjustment_changelist") + "?queue=mine&created_at=all",
            )
        )
    if user.has_perm("wallet.view_wallet"):
        negative = visible(user, Wallet.objects.all(), sub_channel="player__sub_channel")
        alerts.append(
            Alert(
                _("Wallets below zero"),
                negative.filter(balance__lt=0).count(),
                reverse("admin:wallet_wallet_changelist") + "?balance=negative",
                urgent=True,
            )
        )
    if user.has_perm("wallet.view_verification"):
        last = visible(user, Verification.objects.all(), channel="channel_number")
        run = last.order_by("-started_at").first()
        alerts.append(
            Alert(
                _("The last verification of the ledger found differences"),
                int(run is not None and not run.passed),
                reverse("admin:wallet_verification_changelist"),
                urgent=True,
            )
        )
    for more in REGISTRY.alerts:
        alerts += more(request)
    return alerts
