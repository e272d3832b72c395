"""The ledger's rules in plain Python, without a database: what the property tests compare with.

Written from the rules, not from the SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from tests.wallet.model_rows import Entry, Proposal
from tests.wallet.operations import (
    MISTAKE,
    ZERO,
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

GIVES = {"payout", "bonus", "prize", "deposit", "release", "fee_refund", "transfer_in"}
TAKES = {"bet", "tip", "fee", "hold", "clawback", "withdrawal", "transfer_out"}
MAY_FALL_BELOW_ZERO = {"clawback", "correction", "reversal"}
ONLY_WHILE_ACTIVE = {"bet", "tip", "fee", "hold"}
ONLY_BY_REVERSING = {"refund", "reversal"}
FINAL = {"release", "refund", "reversal", "transfer_out", "transfer_in"}


@dataclass
class Book:
    """All that the ledger knows of one channel, and what it would answer."""

    owners: list[int]  # the player of each wallet
    limits: dict[int, Decimal]  # the amount up to which one staff member's approval suffices
    balances: list[Decimal]
    held: list[Decimal]
    versions: list[int]
    locked: set[int] = field(default_factory=set)
    entries: dict[Key, Entry] = field(default_factory=dict)  # in the order of posting
    proposals: list[Proposal] = field(default_factory=list)

    def do(self, operation: Operation) -> Outcome:
        match operation:
            case Post():
                return self.post(operation)
            case Reverse():
                return self.reverse(operation)
            case Transfer():
                return self.transfer(operation)
            case Batch():
                return tuple(self.post(item) for item in operation.items)
            case Propose(wallet, kind, amount, maker):
                if self._wrong_sign(kind, amount):
                    return MISTAKE
                self.proposals.append(Proposal(wallet, kind, amount, maker))
                return "proposed"
            case Decide():
                return self.decide(operation)
            case Lock(player, locked):
                (self.locked.add if locked else self.locked.discard)(player)
                return "locked" if locked else "active"

    def post(self, request: Post) -> Answer:
        if known := self.entries.get(request.key):
            return self._repeated(request, known)
        kind, amount = request.kind, request.amount
        if kind in ONLY_BY_REVERSING or self._wrong_sign(kind, amount):
            return MISTAKE
        code, for_ever = self._refusal(request)
        bets = self._bets(request.wallet, references=request.failed)
        if not code and request.refuse_failed and any(not bet.reversed for bet in bets):
            code, for_ever = "refund_awaited", False
        if code and not for_ever:
            return self._unmoved(request.wallet, code)
        self._write(request.wallet, kind, amount, request.key, self._round(request), code)
        if code:
            return self._unmoved(request.wallet, code, request.key)
        for bet in bets:
            bet.failed = True
        if kind == "release":
            self._return(amount, self._holds(request))
        return self._moved(request.key)

    def reverse(self, request: Reverse) -> Answer:
        player = self.owners[request.wallet]
        keys = [(source, request.target) for source in request.sources]
        found = [key for key in keys if key in self.entries]
        wallet = next(
            (w for w in (self.entries[key].wallet for key in found) if self.owners[w] == player),
            request.wallet,
        )
        if known := self.entries.get(request.key):
            original = self.entries[known.reverses] if known.reverses in found else None
            if (
                original is None
                or self.owners[original.wallet] != player
                or request.expected not in (None, original.requested)
            ):
                return self._conflict(wallet, request.key)
            return self._moved(request.key, "replay")
        if not found:
            amount = request.expected or ZERO
            self._write(wallet, request.target_kind, amount, keys[0], "", "cancelled")
            self.entries[keys[0]].tombstone = True
            return self._unmoved(wallet, "unknown_reference", keys[0])
        target = self.entries[found[0]]
        if code := self._why_not(target, player, request):
            return self._unmoved(wallet, code)
        kind = "release" if target.kind == "hold" else request.kind
        self._write(wallet, kind, -target.amount, request.key, target.round_code, "")
        self.entries[request.key].reverses = found[0]
        target.reversed = True
        target.remaining = ZERO
        return self._moved(request.key)

    def transfer(self, request: Transfer) -> Answer:
        payer, payee = request.payer, request.payee
        if payer == payee or request.amount <= 0 or self.owners[payer] != self.owners[payee]:
            return MISTAKE
        out, into = ("transfer:out", request.reference), ("transfer:in", request.reference)
        answer = self.post(Post(payer, "transfer_out", -request.amount, *out))
        if answer.result == "applied":
            self.post(Post(payee, "transfer_in", request.amount, *into))
        moved_before = answer.result == "replay" and not answer.code
        if moved_before and (payer, payee) != (self.entries[out].wallet, self.entries[into].wallet):
            return self._conflict(payer, out)
        return answer

    def decide(self, request: Decide) -> str:
        proposal = self.proposals[request.proposal]
        if proposal.maker == request.checker:
            return "own"
        if proposal.state != "proposed" or request.checker in proposal.checkers:
            return "decided already"
        proposal.checkers.add(request.checker)
        limit = max(self.limits.get(person, Decimal(-1)) for person in proposal.checkers)
        if not request.approved:
            proposal.state = "rejected"
        elif len(proposal.checkers) > 1 or abs(proposal.amount) <= limit:
            key = ("adjustment", str(request.proposal))
            answer = self.post(Post(proposal.wallet, proposal.kind, proposal.amount, *key))
            proposal.state = "refused" if answer.code else "posted"
        return proposal.state

    def state(self) -> State:
        return list(zip(self.balances, self.held, self.versions, strict=True)), self.locked

    @staticmethod
    def _wrong_sign(kind: str, amount: Decimal) -> bool:
        return (kind in GIVES and amount < 0) or (kind in TAKES and amount > 0)

    def _repeated(self, request: Post, known: Entry) -> Answer:
        if self.owners[known.wallet] == self.owners[request.wallet]:
            if known.tombstone:
                return self._unmoved(request.wallet, known.code, request.key)
            codes = {known.round_code, ""} if request.kind == "release" else {known.round_code}
            same = (known.kind, known.requested) == (request.kind, request.amount)
            if same and request.round_code in codes:
                return self._moved(request.key, "replay")
        return self._conflict(request.wallet, request.key)

    def _round(self, request: Post) -> str:
        """A release without a round belongs to the one of its holds, if they share one."""
        codes = {hold.round_code for hold in self._holds(request)}
        shared = codes.pop() if request.kind == "release" and len(codes) == 1 else ""
        return request.round_code or shared

    def _refusal(self, request: Post) -> tuple[str, bool]:
        """Why a new movement is refused, and whether it stays refused."""
        kind, amount = request.kind, request.amount
        short = self.balances[request.wallet] + amount < 0
        if kind in ONLY_WHILE_ACTIVE and self.owners[request.wallet] in self.locked:
            return "player_inactive", True
        if amount < 0 and short and kind not in MAY_FALL_BELOW_ZERO:
            return "insufficient_funds", True
        if kind == "release":
            holds = self._holds(request)
            left = sum((hold.remaining for hold in holds), ZERO)
            if not holds:
                return "hold_unknown", False
            return (
                "hold_returned" if not left else "hold_exceeded" if left < amount else ""
            ), False
        if kind == "payout":
            bets = self._bets(request.wallet, request.round_code, request.stakes)
            excused = self._bets(request.wallet, references=request.failed)
            if not bets:
                return ("stake_unknown" if request.needs_stake else ""), False
            if amount > 0 and all(
                bet.reversed and not (request.refuse_failed and bet in excused) for bet in bets
            ):
                return "stake_refunded", True
        return "", False

    def _why_not(self, target: Entry, player: int, request: Reverse) -> str:
        if self.owners[target.wallet] != player or target.tombstone:
            return "unknown_reference"
        if target.code:
            return "target_refused"
        if target.kind in FINAL or (request.kind == "refund" and target.requested > 0):
            return "not_reversible"
        if target.reversed:
            return "already_reversed"
        if request.expected not in (None, target.requested):
            return "amount_differs"
        if target.kind == "hold" and target.remaining != -target.amount:
            return "already_reversed"
        settled = any(
            entry.kind == "payout"
            and not entry.code
            and entry.round_code == target.round_code
            and (entry.wallet != target.wallet or entry.sequence > target.sequence)
            for entry in self._of_player(player)
        )
        if request.unless_settled and target.round_code and settled and not target.failed:
            return "settled"
        return ""

    def _of_player(self, player: int) -> Iterable[Entry]:
        return (e for e in self.entries.values() if self.owners[e.wallet] == player)

    def _bets(
        self, wallet: int, round_code: str = "", references: Iterable[str] = ()
    ) -> list[Entry]:
        """The player's bets in a round or under some references."""
        return [
            entry
            for (_, reference), entry in self.entries.items()
            if self.owners[entry.wallet] == self.owners[wallet]
            and entry.kind == "bet"
            and not entry.code
            and (reference in references or (round_code and entry.round_code == round_code))
        ]

    def _holds(self, request: Post) -> list[Entry]:
        return [
            entry
            for (_, reference), entry in self.entries.items()
            if (entry.wallet, entry.kind, entry.code) == (request.wallet, "hold", "")
            and reference in request.holds
        ]

    @staticmethod
    def _return(amount: Decimal, holds: Iterable[Entry]) -> None:
        for hold in holds:
            part = min(amount, hold.remaining)
            hold.remaining -= part
            amount -= part

    def _write(
        self, wallet: int, kind: str, requested: Decimal, key: Key, round_code: str, code: str
    ) -> None:
        amount = ZERO if code else requested
        before = self.balances[wallet]
        self.versions[wallet] += 1
        self.balances[wallet] += amount
        if kind in ("hold", "release"):
            self.held[wallet] -= amount
        self.entries[key] = Entry(
            wallet, kind, requested, amount, before, self.versions[wallet], round_code, code,
            remaining=-amount if kind == "hold" else ZERO,
        )  # fmt: skip

    def _moved(self, key: Key, result: str = "applied") -> Answer:
        entry = self.entries[key]
        after = entry.before + entry.amount
        return Answer(result, entry.code, entry.before, after, key, entry.sequence)

    def _unmoved(self, wallet: int, code: str, key: Key | None = None) -> Answer:
        balance = self.balances[wallet]
        sequence = self.entries[key].sequence if key else None
        return Answer("refused", code, balance, balance, key, sequence)

    def _conflict(self, wallet: int, key: Key) -> Answer:
        return Answer("conflict", "conflict", self.balances[wallet], self.balances[wallet], key)
