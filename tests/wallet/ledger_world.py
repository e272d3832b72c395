"""The real ledger behind the numbers that the property tests speak in."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Sum

from tests.wallet.money import new_channel, new_player
from tests.wallet.operations import (
    MISTAKE,
    Answer,
    Batch,
    Decide,
    Key,
    Lock,
    Operation,
    Outcome,
    Post,
    Propose,
    Reverse,
    State,
    Transfer,
)
from wallet import adjustments, ledger, players
from wallet.ledger import Movement, Posting
from wallet.models import EntryKind, Hold, LedgerEntry, Player, Wallet


class World:
    """A channel of its own with two players; wallets 0 and 1 are of the first."""

    def __init__(self, staff: list[User]) -> None:
        self.staff = staff
        self.channel = new_channel()
        self.players = [new_player(balance, channel=self.channel) for balance in ("1000", "300")]
        self.opening = {0: Decimal(1000), 2: Decimal(300)}
        self.wallets = [
            Wallet.objects.get(player=player, type=type_id)
            for player in self.players
            for type_id in (0, 1)
        ]
        self.adjustments: list[int] = []

    def do(self, operation: Operation) -> Outcome:
        match operation:
            case Post():
                return self._answer(lambda: self._post(operation))
            case Reverse():
                return self._answer(lambda: self._reverse(operation))
            case Transfer():
                return self._answer(lambda: self._transfer(operation))
            case Batch():
                return self._batch(operation)
            case Propose():
                return self._propose(operation)
            case Decide():
                return self._decide(operation)
            case Lock(player, locked):
                change = players.lock if locked else players.unlock
                change(player=self.players[player], reason="test")
                return "locked" if locked else "active"

    def state(self) -> State:
        rows = {
            pk: (balance, held, version)
            for pk, balance, held, version in Wallet.objects.filter(
                channel=self.channel
            ).values_list("pk", "balance", "held", "version")
        }
        ours = [rows.pop(wallet.pk) for wallet in self.wallets]
        assert set(rows.values()) == {(0, 0, 0)}
        locked = Player.objects.filter(channel=self.channel, status=Player.Status.LOCKED)
        return ours, {self.players.index(player) for player in locked}

    def entry_count(self) -> int:
        return LedgerEntry.objects.filter(channel=self.channel).count()

    def sums(self) -> list[Decimal]:
        """Each wallet's money, held or not, from its entries alone."""
        entries = LedgerEntry.objects.filter(channel=self.channel)
        moved = entries.values_list("wallet").annotate(total=Sum("amount"))
        held = entries.filter(kind__in=["hold", "release"])
        withheld = dict(held.values_list("wallet").annotate(total=Sum("amount")))
        total = dict(moved)
        return [total.get(w.pk, Decimal(0)) - withheld.get(w.pk, 0) for w in self.wallets]

    def open_holds(self) -> dict[Key, Decimal]:
        holds = Hold.objects.filter(wallet__channel=self.channel, remaining__gt=0)
        rows = holds.values_list("entry__source", "entry__reference", "remaining")
        return {(source, reference): remaining for source, reference, remaining in rows}

    def _answer(self, ask: Callable[[], Posting]) -> Answer:
        while True:
            try:
                return self._read(ask())
            except ledger.Busy:  # requests that wait for each other: one of them has to come again
                continue
            except ledger.RuleBroken:
                return MISTAKE

    def _read(self, posting: Posting | ledger.LedgerError) -> Answer:
        if isinstance(posting, ledger.LedgerError):
            assert isinstance(posting, ledger.RuleBroken), posting
            return MISTAKE
        key: Key | None = None
        if posting.entry_id is not None:
            entry = LedgerEntry.objects.get(pk=posting.entry_id)
            adjustment = entry.source == "adjustment" and entry.reference
            number = str(self.adjustments.index(int(adjustment))) if adjustment else entry.reference
            key = (entry.source, number)
        return Answer(
            posting.result,
            posting.code,
            posting.balance_before,
            posting.balance_after,
            key,
            posting.sequence,
        )

    def _post(self, request: Post) -> Posting:
        return ledger.post(
            wallet_id=self.wallets[request.wallet].pk,
            kind=EntryKind(request.kind),
            amount=request.amount,
            source=request.source,
            reference=request.reference,
            round_code=request.round_code,
            needs_stake=request.needs_stake,
            stakes=request.stakes,
            failed_stakes=request.failed,
            refuse_failed_stakes=request.refuse_failed,
            holds=request.holds,
        )

    def _reverse(self, request: Reverse) -> Posting:
        return ledger.reverse(
            wallet_id=self.wallets[request.wallet].pk,
            targets=request.sources,
            target_reference=request.target,
            target_kind=EntryKind(request.target_kind),
            kind=EntryKind(request.kind),
            source=request.kind,
            reference=request.reference,
            expected=request.expected,
            unless_settled=request.unless_settled,
        )

    def _transfer(self, request: Transfer) -> Posting:
        return ledger.transfer(
            from_wallet_id=self.wallets[request.payer].pk,
            to_wallet_id=self.wallets[request.payee].pk,
            amount=request.amount,
            reference=request.reference,
        )

    def _batch(self, request: Batch) -> tuple[Answer, ...]:
        movements = [
            Movement(
                self.wallets[item.wallet].pk,
                EntryKind(item.kind),
                item.amount,
                item.source,
                item.reference,
                round_code=item.round_code,
                holds=item.holds,
            )
            for item in request.items
        ]
        while True:
            try:
                return tuple(map(self._read, ledger.post_batch(movements=movements)))
            except ledger.Busy:
                continue

    def _propose(self, request: Propose) -> Outcome:
        try:
            proposal = adjustments.propose(
                wallet=self.wallets[request.wallet],
                kind=request.kind,
                amount=request.amount,
                reason="test",
                maker=self.staff[request.maker],
            )
        except adjustments.BadAmount:
            return MISTAKE
        self.adjustments.append(proposal.pk)
        return proposal.state

    def _decide(self, request: Decide) -> str:
        fields: dict[str, Any] = {
            "adjustment_id": self.adjustments[request.proposal],
            "checker": self.staff[request.checker],
            "comment": "test",
        }
        while True:
            try:
                decide = adjustments.approve if request.approved else adjustments.reject
                return decide(**fields).state
            except ledger.Busy:
                continue
            except adjustments.OwnAdjustment:
                return "own"
            except adjustments.AlreadyDecided:
                return "decided already"
