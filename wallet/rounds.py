"""What happened in a round: its entries in order, what they add up to, and how it stands.

Entries of one player are one round when they share a round code, when one takes the other back or
returns its hold, and when one names the other's reference in its detail: eBET does so in the
chain 27 → 1 → 11 or 28, whose messages need not carry a code. Entries of two codes are two rounds,
whatever they name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from django.db.models import Q, QuerySet

from wallet.models import EntryKind, LedgerEntry, RoundState
from wallet.models.rounds import HOLDING, PUT_IN, STAKES

MOST_ENTRIES: Final = 500
FOLLOWING: Final = 300
"""How far behind an entry without a round code those that name it are looked for, in its wallet."""

_LISTS: Final = ("betList", "modifyBetList", "withHoldingList")
_NAMES: Final = ("withHoldingSeqNo", "withholdingSeqNo")


@dataclass(frozen=True)
class ToldRound:
    """The entries of one round, oldest first; at least one."""

    entries: Sequence[LedgerEntry]

    @property
    def opening(self) -> LedgerEntry:
        return self.entries[0]

    @cached_property
    def round_code(self) -> str:
        """What the provider calls it; "" when it has no name."""
        return next((entry.round_code for entry in self.entries if entry.round_code), "")

    @cached_property
    def applied(self) -> list[LedgerEntry]:
        return [entry for entry in self.entries if entry.outcome == LedgerEntry.Outcome.APPLIED]

    @cached_property
    def taken_back(self) -> Mapping[int, LedgerEntry]:
        """The entry that took another one back, by the other one's number."""
        return {entry.reverses_id: entry for entry in self.applied if entry.reverses_id}

    @property
    def staked(self) -> Decimal:
        """What the player put in, less what was given back."""
        return -self._sum(*PUT_IN)

    @property
    def paid(self) -> Decimal:
        """What the player got: payouts, corrections, prizes and bonuses."""
        return self.result + self.staked + self.held

    @property
    def held(self) -> Decimal:
        """What holds have not returned yet."""
        return -self._sum(*HOLDING)

    @property
    def result(self) -> Decimal:
        """From the player's side; what is still held counts as paid."""
        return sum((entry.amount for entry in self.applied), Decimal(0))

    @property
    def last(self) -> datetime:
        """When it moved last."""
        return (self.applied or self.entries[:1])[-1].posted_at

    @property
    def live(self) -> list[LedgerEntry]:
        """Bets that nobody has taken back."""
        return [
            entry
            for entry in self.applied
            if entry.kind == EntryKind.BET and entry.pk not in self.taken_back
        ]

    @property
    def payouts(self) -> list[LedgerEntry]:
        return [entry for entry in self.applied if entry.kind == EntryKind.PAYOUT]

    @cached_property
    def state(self) -> RoundState:
        if not self.applied:
            return RoundState.REFUSED
        if self.held > 0 or (self.live and not self.payouts):
            return RoundState.OPEN
        staked = any(entry.kind in STAKES for entry in self.applied)
        if staked and not self.live and not any(entry.amount > 0 for entry in self.payouts):
            return RoundState.REFUNDED
        return RoundState.SETTLED

    def _sum(self, *kinds: EntryKind) -> Decimal:
        return sum((entry.amount for entry in self.applied if entry.kind in kinds), Decimal(0))


def round_of(entry: LedgerEntry) -> ToldRound:
    """The round that an entry belongs to: of a bonus, say, that belongs to none, the entry alone.

    Of more than MOST_ENTRIES the first ones found.
    """
    found: dict[int, LedgerEntry] = {}
    fresh = [entry]
    while fresh and len(found) < MOST_ENTRIES:
        found.update((one.pk, one) for one in fresh)
        fresh = [one for one in _tied_to(fresh, found) if one.pk not in found]
    return ToldRound(sorted(found.values(), key=lambda one: one.pk))


def _tied_to(fresh: list[LedgerEntry], found: Mapping[int, LedgerEntry]) -> Iterator[LedgerEntry]:
    first = fresh[0]
    mine = LedgerEntry.objects.filter(channel=first.channel_id, player=first.player_id)
    numbers = [entry.pk for entry in fresh]
    codes = {entry.round_code for entry in fresh} - {""}
    named: dict[str, set[str]] = {}  # by the codes of those that name it
    for entry in fresh:
        for name in names_in(entry.detail):
            named.setdefault(name, set()).add(entry.round_code)
    if codes:
        yield from mine.filter(round_code__in=codes).order_by("pk")[:MOST_ENTRIES]
    if named:
        for one in mine.filter(reference__in=named):
            if not one.round_code or named[one.reference] & {"", one.round_code}:
                yield one  # a name does not reach into a round of another code
    yield from mine.filter(
        Q(pk__in=[entry.reverses_id for entry in fresh if entry.reverses_id])
        | Q(reverses__in=numbers)
    )
    yield from mine.filter(hold_returns__hold__in=numbers)
    yield from mine.filter(hold__returns__entry__in=numbers)
    for entry in fresh:
        if not entry.round_code and entry.kind in STAKES:
            yield from _naming(entry)


def _naming(entry: LedgerEntry) -> Iterator[LedgerEntry]:
    following: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(
        wallet=entry.wallet_id,
        sequence__gt=entry.sequence,
        sequence__lte=entry.sequence + FOLLOWING,
    )
    return (one for one in following if entry.reference in names_in(one.detail))


def names_in(detail: Any) -> set[str]:
    """The references that an entry's detail names, as eBET writes them."""
    if not isinstance(detail, dict):
        return set()
    listed = [
        item.get("seqNo")
        for name in _LISTS
        if isinstance(detail.get(name), list)
        for item in detail[name]
        if isinstance(item, dict)
    ]
    named = [detail.get(name) for name in _NAMES]
    return {name for name in (*listed, *named) if isinstance(name, str) and name}
