"""Figures of many entries, read from the hourly totals instead of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from wallet.db import fetch_row
from wallet.models import ActivePlayer, EntryKind, HourlyTotal, TotalsMark
from wallet.reports.figures import PAYOUTS, REFUNDS, STAKES

# What the totals say against what the entries below their mark add up to. %(kinds)s are the sums
# of the whole ledger, of which those above the mark, never many, are taken off again.
PROOF = """
    WITH ledger AS (
        SELECT channel_id, currency, kind, applied AS entries, inflow + outflow AS amount
          FROM jsonb_to_recordset(%(kinds)s::jsonb) AS k (
               channel_id integer, currency text, kind text, applied bigint, inflow numeric,
               outflow numeric)
        UNION ALL
        SELECT channel_id, currency, kind, -1, -amount FROM wallet_ledgerentry
         WHERE outcome = 'applied' AND xact >= (SELECT until_xact FROM wallet_totalsmark)
        UNION ALL
        SELECT channel_id, currency, kind, -entries, -amount FROM wallet_hourlytotal
    )
    SELECT format('channel %%s, %%s, %%s: %%s entries and %%s are in the ledger and in no total',
                  channel_id, currency, kind, sum(entries), sum(amount))
      FROM ledger GROUP BY channel_id, currency, kind
    HAVING sum(entries) <> 0 OR sum(amount) <> 0
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Amounts as the house sees them, in one currency; ``revenue`` is stakes less winnings.

    Stakes are those that stood: what was refunded is not among them.
    """

    bets: int
    stakes: Decimal
    winnings: Decimal
    deposits: Decimal
    withdrawals: Decimal

    @property
    def revenue(self) -> Decimal:
        return self.stakes - self.winnings


def roll_up() -> int:
    """Bring the totals up to date; how many entries were added to them. Run it every minute."""
    row = fetch_row("SELECT ledger_roll_up()", [])
    return int(row[0]) if row else 0


def rolled_at() -> datetime | None:
    """When the totals were last brought up to date."""
    mark = TotalsMark.objects.first()
    return mark.rolled_at if mark else None


def _sum(condition: Q) -> Sum:
    return Sum("amount", filter=condition, default=Decimal(0))


_COLUMNS = {
    "bets": Sum("entries", filter=Q(kind=EntryKind.BET), default=0),
    "staked": _sum(STAKES.condition() | REFUNDS.condition()),
    "won": _sum(PAYOUTS.condition()),
    "deposited": _sum(Q(kind=EntryKind.DEPOSIT)),
    "withdrawn": _sum(Q(kind=EntryKind.WITHDRAWAL)),
}


def _figures(row: Any) -> Figures:
    return Figures(
        bets=int(row["bets"]),
        stakes=-row["staked"],
        winnings=row["won"],
        deposits=row["deposited"],
        withdrawals=-row["withdrawn"],
    )


def by_channel(rows: QuerySet[HourlyTotal], *, since: datetime) -> dict[tuple[int, str], Figures]:
    """Figures by channel and currency of the rows' hours from ``since`` on."""
    found = rows.filter(hour__gte=since).values("channel", "currency").annotate(**_COLUMNS)
    return {
        (row["channel"], row["currency"]): _figures(row)
        for row in found.order_by("channel", "currency")
    }


def players_by_channel(
    rows: QuerySet[ActivePlayer], *, since: datetime
) -> dict[tuple[int, str], int]:
    """How many players staked something from ``since`` on, by channel and currency."""
    found = (
        rows.filter(hour__gte=since)
        .values("channel", "currency")
        .annotate(players=Count("player", distinct=True))
    )
    return {(row["channel"], row["currency"]): row["players"] for row in found.order_by()}


def by_day(
    rows: QuerySet[HourlyTotal],
    *,
    since: datetime,
    until: datetime | None = None,
    zone: ZoneInfo,
) -> dict[tuple[date, str], Figures]:
    """Figures by day of the time zone and currency, from ``since`` to before ``until``.

    Zones with odd minutes split at the hour.
    """
    if until:
        rows = rows.filter(hour__lt=until)
    found = (
        rows.filter(hour__gte=since)
        .annotate(day=TruncDate("hour", tzinfo=zone))
        .values("day", "currency")
        .annotate(**_COLUMNS)
        .order_by("day", "currency")
    )
    return {(row["day"], row["currency"]): _figures(row) for row in found}
