"""What a statement says: the money of a player, or of an agent's players, over a period.

A moment belongs to the period from its first instant (inclusive) to its last (exclusive). In every
table the opening balance and the amounts add up to the closing balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet import queries
from wallet.exports.periods import Period
from wallet.models import Agent, EntryKind, LedgerEntry, Player, Wallet

LONGEST: Final = 20_000  # lines; a longer history is for an export
_GROUPS: Final[dict[str, tuple[EntryKind, ...]]] = {
    "stakes": (EntryKind.BET, EntryKind.FEE, EntryKind.REFUND, EntryKind.FEE_REFUND),
    "winnings": (EntryKind.PAYOUT, EntryKind.CORRECTION),
    "cash": (EntryKind.DEPOSIT, EntryKind.WITHDRAWAL),
    "bonuses": (EntryKind.BONUS, EntryKind.PRIZE, EntryKind.CLAWBACK),
}

Cell = str | Decimal | datetime


class StatementTooLong(Exception):
    """There are more lines than a statement is for."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under titles. A moment is local to the statement's zone, without offset."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Statement:
    """A title, facts about whom and when, and tables, in the active language."""

    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[Table]


def player_statement(*, player: Player, period: Period) -> Statement:
    """Every movement in each of the player's wallets. Raises StatementTooLong."""
    wallets = Wallet.objects.filter(player=player).select_related("type").order_by("type")
    tables = [_wallet_table(wallet, period) for wallet in wallets]
    found = [table for table in tables if table is not None]
    if sum(len(table.rows) for table in found) > LONGEST:
        raise StatementTooLong(
            _("The statement has more than %(count)d lines; export the ledger instead.")
            % {"count": LONGEST}
        )
    facts = [
        (_("player"), f"{player.username} {player.nickname}".strip()),
        (_("user ID"), str(player.user_id)),
        *_facts(str(player.channel), period),
    ]
    return Statement(_("Statement of account"), facts, found)


def agent_statement(*, agent: Agent, period: Period) -> Statement:
    """A line for each player of the agent and of the agents below, one table a currency."""
    agents = family(agent)
    entries = LedgerEntry.objects.filter(
        player__agent__in=agents, posted_at__lt=period.until, outcome=LedgerEntry.Outcome.APPLIED
    )
    within = Q(posted_at__gte=period.since)
    sums = {
        name: Sum("amount", filter=within & Q(kind__in=kinds), default=Decimal(0))
        for name, kinds in _GROUPS.items()
    }
    found = (
        entries.values_list("currency", "player__username")
        .annotate(
            opening=Sum("amount", filter=~within, default=Decimal(0)),
            **sums,
            closing=Sum("amount", default=Decimal(0)),
        )
        .order_by("currency", "player__username")
    )
    by_currency: dict[str, list[list[Cell]]] = {}
    for currency, username, opening, *groups, closing in found:
        others = closing - opening - sum(groups)
        by_currency.setdefault(currency, []).append([username, opening, *groups, others, closing])
    tables = [_agent_table(currency, rows) for currency, rows in by_currency.items()]
    facts = [
        (_("agent"), f"{agent.agent_id} {agent.name}".strip()),
        (_("agents below"), str(len(agents) - 1)),
        *_facts(str(agent.channel), period),
    ]
    return Statement(_("Statement of the agent's players"), facts, tables)


def family(agent: Agent) -> list[int]:
    """The keys of the agent and of all agents below."""
    found, generation = [agent.pk], [agent.pk]
    while generation:
        generation = list(
            Agent.objects.filter(parent__in=generation)
            .exclude(pk__in=found)
            .values_list("pk", flat=True)
        )
        found += generation
    return found


def _wallet_table(wallet: Wallet, period: Period) -> Table | None:
    """The wallet's movements; None for one that never held anything."""
    statement = queries.statement(wallet=wallet, since=period.since, until=period.until)
    zone = ZoneInfo(period.zone)
    rows: list[Sequence[Cell]] = [
        (
            _local(entry.posted_at, zone),
            str(entry.get_kind_display()),
            entry.round_code or entry.reference,
            entry.amount,
            entry.balance_after,
        )
        for entry in statement.entries.exclude(amount=0)[: LONGEST + 1]
    ]
    if not (rows or statement.opening or statement.closing):
        return None
    opening: list[Cell] = ["", _("opening balance"), "", "", statement.opening]
    return Table(
        title=f"{wallet.type} · {wallet.currency}",
        columns=(_("posted at"), _("kind"), _("round code"), _("amount"), _("balance")),
        rows=[opening, *rows],
        total=("", _("closing balance"), "", statement.closing - statement.opening,
               statement.closing),
    )  # fmt: skip


def _agent_table(currency: str, rows: Sequence[Sequence[Cell]]) -> Table:
    amounts = zip(*(row[1:] for row in rows), strict=True)
    totals = [sum((cell for cell in column if isinstance(cell, Decimal)), Decimal(0))
              for column in amounts]  # fmt: skip
    return Table(
        title=currency,
        columns=(
            _("player"),
            _("opening balance"),
            _("stakes"),
            _("winnings"),
            _("deposits and withdrawals"),
            _("bonuses"),
            _("other"),
            _("closing balance"),
        ),
        rows=rows,
        total=(_("total"), *totals),
    )


def _facts(channel: str, period: Period) -> list[tuple[str, str]]:
    zone = ZoneInfo(period.zone)
    since, until = _local(period.since, zone), _local(period.until, zone)
    return [
        (_("channel"), channel),
        (_("period"), f"{since:%Y-%m-%d %H:%M} – {until:%Y-%m-%d %H:%M} ({period.zone})"),
        (_("issued"), f"{_local(timezone.now(), zone):%Y-%m-%d %H:%M}"),
    ]


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)
