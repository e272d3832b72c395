"""A channel whose two days of play have one movement of every sort, and figures added up by hand.

Everything is committed, in a channel of its own, because the totals only take in transactions that
have ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.wallet.money import Purse, entry_of, finish_transactions, new_channel, new_player, unique
from wallet import ledger, totals
from wallet.models import Agent, EntryKind, LedgerEntry, Player, SubChannel

FIRST_DAY = datetime(2026, 3, 1, 4, tzinfo=UTC)  # noon in Shanghai
SECOND_DAY = FIRST_DAY + timedelta(days=1)
BACCARAT, SLOT = 1, 5


@dataclass
class World:
    """Two sub-channels with an agent each; a third player belongs to neither and plays in USD."""

    channel: Any = field(default_factory=new_channel)

    def __post_init__(self) -> None:
        number = abs(self.channel.pk)
        self.east, self.west = (
            SubChannel.objects.create(channel=self.channel, number=n, name=name)
            for n, name in ((1, "East"), (2, "West"))
        )
        self.amy, self.bob = (
            Agent.objects.create(channel=self.channel, agent_id=f"{name}{number}", sub_channel=sub)
            for name, sub in (("amy", self.east), ("bob", self.west))
        )
        self.ann = self._purse(sub_channel=self.east, agent=self.amy)
        self.ben = self._purse(sub_channel=self.west, agent=self.bob)
        self.una = self._purse(currency="USD")
        self._play()
        finish_transactions()
        totals.roll_up()

    def _purse(self, **fields: Any) -> Purse:
        return Purse(player=new_player("1000", channel=self.channel, **fields))

    def _play(self) -> None:
        self.bet(self.ann, "-100", FIRST_DAY, BACCARAT, "a-1")
        self.move(self.ann, EntryKind.PAYOUT, "195", FIRST_DAY, BACCARAT)
        self.bet(self.ann, "-50.5", FIRST_DAY + timedelta(hours=1), SLOT, "a-2")
        self.bet(self.ann, "-30", SECOND_DAY, BACCARAT, "a-3")
        self.ann.reverse("a-3", occurred_at=SECOND_DAY)
        self.bet(self.ann, "-5000", SECOND_DAY, BACCARAT, "a-4")  # refused
        self.bet(self.ben, "-40", FIRST_DAY, BACCARAT, "b-1")
        payout = self.move(self.ben, EntryKind.PAYOUT, "80", FIRST_DAY, BACCARAT)
        self.take_back(self.ben, payout, SECOND_DAY)
        self.move(self.ben, EntryKind.CORRECTION, "-5", SECOND_DAY, BACCARAT)
        self.move(self.ben, EntryKind.TIP, "-10", SECOND_DAY, BACCARAT, reference="b-tip")
        self.ben.reverse("b-tip", targets=["test:tip"], occurred_at=SECOND_DAY)
        self.move(self.ben, EntryKind.BONUS, "8", SECOND_DAY)
        self.move(self.ben, EntryKind.CLAWBACK, "-3", SECOND_DAY)
        self.move(self.ben, EntryKind.ADJUSTMENT, "20", SECOND_DAY)
        wrong = self.move(self.ben, EntryKind.ADJUSTMENT, "7", SECOND_DAY)
        self.take_back(self.ben, wrong, SECOND_DAY)
        self.move(self.ben, EntryKind.FEE, "-12", SECOND_DAY)
        self.move(self.ben, EntryKind.FEE_REFUND, "2", SECOND_DAY)
        self.bet(self.una, "-60", SECOND_DAY, SLOT, "u-1")
        self.move(self.una, EntryKind.HOLD, "-25", SECOND_DAY, SLOT)

    def bet(self, purse: Purse, amount: str, at: datetime, game: int, reference: str) -> None:
        self.move(purse, EntryKind.BET, amount, at, game, reference=reference)

    def move(
        self,
        purse: Purse,
        kind: EntryKind,
        amount: str,
        at: datetime,
        game: int | None = None,
        **fields: Any,
    ) -> ledger.Posting:
        detail = None if game is None else {"tableType": game}
        return purse.post(kind, amount, occurred_at=at, detail=detail, **fields)

    def take_back(self, purse: Purse, posting: ledger.Posting, at: datetime) -> None:
        entry = entry_of(posting)
        ledger.reverse(
            wallet_id=purse.wallet.pk,
            targets=[entry.source],
            target_reference=entry.reference,
            target_kind=EntryKind(entry.kind),
            kind=EntryKind.REVERSAL,
            source="staff",
            reference=unique("reversal"),
            occurred_at=at,
            reason="mistake",
        )

    @property
    def entries(self) -> list[LedgerEntry]:
        """What was applied and is not an opening balance."""
        return list(
            LedgerEntry.objects.filter(channel=self.channel, outcome="applied")
            .exclude(kind="opening")
            .select_related("player", "reverses")
        )

    def players(self) -> Iterator[Player]:
        yield from (self.ann.player, self.ben.player, self.una.player)


def kind_of(entry: LedgerEntry) -> str:
    """What an entry is about: for one that takes another back, the other one's kind."""
    return entry.reverses.kind if entry.reverses else entry.kind


def game_of(entry: LedgerEntry) -> int | None:
    detail = (entry.reverses or entry).detail or {}
    return detail.get("tableType")


def added_up(entries: list[LedgerEntry], condition: Callable[[LedgerEntry], bool]) -> Decimal:
    return sum((entry.amount for entry in entries if condition(entry)), Decimal(0))
