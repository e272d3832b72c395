"""The trial balance, the wallets below zero and the largest movements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Abs
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from wallet.exports.columns import LEDGER, Column, Kind
from wallet.models import HouseAccount, LedgerEntry, LedgerLeg, Wallet
from wallet.reports.asking import Ask

_OF_ENTRIES: Final = (
    "posted_at", "entry", "channel", "sub_channel", "agent", "player", "wallet_type", "kind",
    "amount", "currency", "balance_after", "reference", "reason",
)  # fmt: skip


def trial_balance_rows(ask: Ask) -> QuerySet[Any]:
    """Every account at the end of the period; those of a channel and currency sum to zero.

    Players' money is one account. House accounts belong to whole channels, so staff who see only a
    part of one see nothing of it.
    """
    rows: QuerySet[Any] = (
        ask.limit(LedgerLeg.objects.filter(posted_at__lt=ask.period.until), sub_channel=None)
        .values("channel_id", "currency", "house_account_id")
        .annotate(balance=Sum("amount"), role=Max("house_account__role"))
        .annotate(account=_account())  # from what was added up, not from every entry
        .order_by("channel_id", "currency", F("house_account_id").asc(nulls_first=True))
    )
    return rows


def trial_balance_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
        Column("currency", _("currency"), "currency"),
        Column("account", _("account"), "account"),
        Column("balance", _("balance"), "balance", Kind.MONEY),
    )


def negative_rows(ask: Ask) -> QuerySet[Any]:
    """The wallets below zero now, lowest first, with the entry that took each there."""
    below = LedgerEntry.objects.filter(wallet=OuterRef("pk"), balance_after__lt=0)
    fell = below.filter(balance_after__gte=F("amount")).order_by("-sequence")
    rows: QuerySet[Any] = (
        ask.limit(Wallet.objects.all(), sub_channel="player__sub_channel")
        .filter(Exists(below), balance__lt=0)
        .annotate(since=Subquery(fell.values("posted_at")[:1]))
        .order_by("balance", "pk")
    )
    return rows


def negative_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
        Column("sub_channel", _("sub-channel ID"), "player__sub_channel__number", Kind.NUMBER),
        Column("agent", _("agent ID"), "player__agent__agent_id", Kind.TEXT),
        Column("player", _("username"), "player__username", Kind.TEXT),
        Column("wallet_type", _("wallet type"), "type_id", Kind.NUMBER),
        Column("balance", _("balance"), "balance", Kind.MONEY),
        Column("currency", _("currency"), "currency"),
        Column("since", _("below zero since"), "since", Kind.TIME),
    )


def large_rows(ask: Ask) -> QuerySet[Any]:
    """The applied entries of at least ``ask.least`` either way, largest first."""
    return (
        ask.limit(LedgerEntry.objects.all(), sub_channel="player__sub_channel")
        .filter(
            Q(amount__gte=ask.least) | Q(amount__lte=-ask.least),
            outcome=LedgerEntry.Outcome.APPLIED,
            posted_at__gte=ask.period.since,
            posted_at__lt=ask.period.until,
        )
        .order_by(Abs("amount").desc(), "pk")
    )


def large_columns(ask: Ask) -> Sequence[Column]:
    by_name = {column.name: column for column in LEDGER}
    return [by_name[name] for name in _OF_ENTRIES]


def _account() -> Case:
    """What the account is called, in the reader's language."""
    return Case(
        *(When(role=role, then=Value(str(label))) for role, label in HouseAccount.Role.choices),
        default=Value(_now("players' wallets")),
        output_field=CharField(),
    )
