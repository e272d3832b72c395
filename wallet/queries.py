"""Reading money: balances now and at any moment, statements, the trial balance.

A moment is exclusive: what was posted before it counts. Amounts are in the wallets' currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import DecimalField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from wallet.models import Channel, LedgerEntry, LedgerLeg, Wallet

ZERO = Value(Decimal(0), output_field=DecimalField(max_digits=24, decimal_places=4))


@dataclass(frozen=True, slots=True)
class Statement:
    """One wallet over a period: opening + the entries' amounts = closing."""

    wallet: Wallet
    opening: Decimal
    entries: QuerySet[LedgerEntry]
    closing: Decimal


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """An account's balance from its own side; the rows of a channel and currency sum to zero.

    ``role`` is the house account's, or empty for all the players' wallets together.
    """

    channel_id: int
    currency: str
    role: str
    balance: Decimal


def wallet_balance(*, wallet: Wallet, at: datetime) -> Decimal:
    """What the player could spend from the wallet at that moment."""
    last = (
        LedgerEntry.objects.filter(wallet=wallet, posted_at__lt=at)
        .order_by("-sequence")
        .values_list("balance_after", flat=True)
        .first()
    )
    return Decimal(0) if last is None else last


def balances(*, at: datetime, channel: Channel | None = None) -> dict[tuple[int, str], Decimal]:
    """The players' money at that moment, by channel and currency."""
    entries = LedgerEntry.objects.filter(posted_at__lt=at)
    if channel is not None:
        entries = entries.filter(channel=channel)
    return {
        (row["channel"], row["currency"]): row["total"]
        for row in entries.order_by()
        .values("channel", "currency")
        .annotate(total=Coalesce(Sum("amount"), ZERO))
    }


def statement(*, wallet: Wallet, since: datetime, until: datetime) -> Statement:
    """The wallet from ``since`` (inclusive) to ``until`` (exclusive), entries in posting order."""
    return Statement(
        wallet=wallet,
        opening=wallet_balance(wallet=wallet, at=since),
        entries=LedgerEntry.objects.filter(
            wallet=wallet, posted_at__gte=since, posted_at__lt=until
        ).order_by("sequence"),
        closing=wallet_balance(wallet=wallet, at=until),
    )


def trial_balance(
    *, at: datetime | None = None, channel: Channel | None = None
) -> list[TrialBalanceRow]:
    """Every account at that moment (now, if none), players first; each group sums to zero."""
    legs = LedgerLeg.objects.all()
    if at is not None:
        legs = legs.filter(posted_at__lt=at)
    if channel is not None:
        legs = legs.filter(channel=channel)
    totals = (
        legs.values("channel_id", "currency", role=Coalesce(F("house_account__role"), Value("")))
        .annotate(balance=Sum("amount"))
        .order_by("channel_id", "currency", "role")
    )
    return [TrialBalanceRow(**row) for row in totals]
