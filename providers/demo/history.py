"""Some weeks of play: what each player did, in order of time, within their money."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from providers.demo.people import Person
from wallet import ledger
from wallet.ledger import Movement
from wallet.models import EntryKind

WEEKS: Final = timedelta(weeks=3)
BATCH: Final = 500
# tableType, table, bet types, and what a win pays of the stake, in hundredths.
GAMES: Final = (
    (1, "BP1", (60, 61, 66), 195),
    (1, "BP8", (60, 61, 66), 195),
    (2, "DT2", (10, 11), 200),
    (3, "RL1", (200, 207, 220), 200),
    (4, "SB1", (100, 101, 102), 200),
    (5, "SLOT-DRAGON", (1,), 350),
)
STAKES: Final = {"CNY": (20, 40, 100, 200, 500), "USD": (20, 40, 60, 100)}
LARGEST_STAKE_SHARE: Final = 3  # at most a third of the balance


@dataclass(frozen=True)
class Refund:
    """The provider takes a bet back."""

    wallet: int
    bet: Movement
    at: datetime


@dataclass(frozen=True)
class Tally:
    """How many entries the history made, and how many of them are refusals."""

    entries: int
    refused: int


Event = tuple[datetime, Movement | Refund]


class Story:
    """The events of one player."""

    def __init__(self, person: Person, staff_id: int) -> None:
        self.person = person
        self.luck = random.Random(person.player.username)  # noqa: S311  the same life every time
        self.staff_id = staff_id
        self.balance = person.opening
        self.events: list[Event] = []

    def tell(self, begin: datetime, end: datetime) -> list[Event]:
        """A deposit, then visits of some rounds each, until the present."""
        visits = self.luck.choice((1, 1, 1, 2, 2, 3, 5))
        span = (end - begin) * 0.98
        for at in sorted(begin + span * self.luck.random() for _ in range(visits)):
            if self.balance < 200:
                amount = self.luck.choice((500, 1_000, 2_000, 5_000))
                self._add(at, EntryKind.DEPOSIT, amount, "demo", reason="bank transfer")
            self._visit(at)
        return self.events

    def _visit(self, at: datetime) -> None:
        for _ in range(self.luck.randint(2, 9)):
            at += timedelta(seconds=self.luck.randint(35, 90))
            self._round(at)
        chance = self.luck.random()
        if chance < 0.10 and self.balance > 50:
            self._add(at, EntryKind.TIP, -self.luck.choice((5, 10, 20)), "ebet:3")
        elif chance < 0.18:
            self._add(at, EntryKind.BONUS, self.luck.choice((8, 18, 88)), "ebet:38")
        elif chance < 0.20:
            self._add(at, EntryKind.PRIZE, 188, "ebet:14", detail={"matchId": 70_301})
        elif chance < 0.24:
            self._hold(at)
        elif chance < 0.27:
            self._by_staff(at)
        elif chance < 0.30:
            self._too_much(at)
        elif chance < 0.38 and self.balance > 3_000:
            amount = int(self.balance) // 200 * 100
            self._add(at, EntryKind.WITHDRAWAL, -amount, "demo", reason="bank transfer")

    def _round(self, at: datetime) -> None:
        stakes = [
            stake
            for stake in STAKES[self.person.player.currency]
            if stake * LARGEST_STAKE_SHARE <= self.balance
        ]
        if not stakes:
            return
        table_type, table, bet_types, pays = self.luck.choice(GAMES)
        stake, bet_type = self.luck.choice(stakes), self.luck.choice(bet_types)
        code = f"{table}-{at:%y%m%d%H%M%S}{self.luck.randint(100, 999)}"
        detail = {
            "tableCode": table,
            "tableType": table_type,
            "tableSubType": 0,
            "roundCode": code,
            "betList": [{"betType": bet_type, "betMoney": stake}],
        }
        bet = self._add(at, EntryKind.BET, -stake, "ebet:1", detail=detail, round_code=code)
        at += timedelta(seconds=self.luck.randint(12, 30))
        if self.luck.random() < 0.012:
            self.balance += stake
            self.events.append((at, Refund(self.person.main_wallet_id, bet, at)))
            return
        payout = stake * pays // 100 if self.luck.random() < 96 / pays else 0
        detail["betList"][0]["payout"] = payout  # type: ignore[index]
        self._add(at, EntryKind.PAYOUT, payout, "ebet:2", detail=detail, round_code=code)
        if self.luck.random() < 0.004:
            self._add(
                at + timedelta(minutes=4),
                EntryKind.CORRECTION,
                20,
                "ebet:37",
                detail=detail,
                round_code=code,
            )

    def _hold(self, at: datetime) -> None:
        """A double-up game: money is withheld, the bet placed, the rest returned."""
        stake = 20
        if self.balance < 5 * stake:
            return
        code = f"BB3-{at:%y%m%d%H%M%S}"
        detail = {"tableCode": "BB3", "tableType": 8, "roundCode": code}
        more: dict[str, Any] = {"detail": detail, "round_code": code}
        hold = self._add(at, EntryKind.HOLD, -4 * stake, "ebet:27", **more)
        self._add(at + timedelta(seconds=1), EntryKind.BET, -stake, "ebet:1", **more)
        end = at + timedelta(seconds=25)
        if self.luck.random() < 0.85:  # the others are still open
            self._add(end, EntryKind.RELEASE, 4 * stake, "ebet:28", holds=(hold.reference,), **more)
        self._add(end, EntryKind.PAYOUT, self.luck.choice((0, 40)), "ebet:2", **more)

    def _by_staff(self, at: datetime) -> None:
        amount, reason = self.luck.choice(((50, "goodwill"), (-20, "paid twice"), (10, "rounding")))
        if self.balance + amount >= 0:
            self._add(at, EntryKind.ADJUSTMENT, amount, "demo", reason=reason, actor=self.staff_id)

    def _too_much(self, at: datetime) -> None:
        """A bet that the ledger refuses for want of money."""
        amount = -(int(self.balance) // 100 + 2) * 100
        self._add(at, EntryKind.BET, amount, "ebet:1", round_code=f"BP1-{at:%y%m%d%H%M%S}R")
        self.balance -= amount

    def _add(
        self, at: datetime, kind: EntryKind, amount: int, source: str, **more: Any
    ) -> Movement:
        movement = Movement(
            wallet=self.person.main_wallet_id,
            kind=kind,
            amount=Decimal(amount),
            source=source,
            reference=f"{self.luck.getrandbits(128):032x}",
            occurred_at=at,
            **more,
        )
        self.balance += amount
        self.events.append((at, movement))
        return movement


def play(people: list[Person], *, staff_id: int, now: datetime) -> Tally:
    """Post the stories of all players, as they happened until ``now``.

    The same people and the same ``now`` give the same requests, so after an interruption the
    ledger replays what it has and goes on from there.
    """
    events: list[Event] = []
    for person in people:
        begin = max(person.joined, now - WEEKS)
        events += Story(person, staff_id).tell(begin, now)
    events.sort(key=lambda event: event[0])
    entries = refused = 0
    waiting: list[Movement] = []

    def flush() -> None:
        nonlocal entries, refused
        for answer in ledger.post_batch(movements=waiting):
            if isinstance(answer, ledger.LedgerError):
                raise answer
            entries += 1
            refused += not answer.accepted
        waiting.clear()

    for at, event in events:
        if isinstance(event, Movement):
            waiting.append(event)
        if isinstance(event, Refund) or len(waiting) == BATCH:
            flush()
        if isinstance(event, Refund):
            _refund(event, at)
            entries += 1
    flush()
    return Tally(entries, refused)


def _refund(event: Refund, at: datetime) -> None:
    ledger.reverse(
        wallet_id=event.wallet,
        targets=[event.bet.source],
        target_reference=event.bet.reference,
        target_kind=event.bet.kind,
        kind=EntryKind.REFUND,
        source="ebet:refund",
        reference=f"refund/{event.bet.reference}",
        round_code=event.bet.round_code,
        occurred_at=at,
    )
