"""Random programmes of movements, from several connections, against a model of the rules.

PROPERTY_EXAMPLES=2000 runs that many other programmes instead of the usual ones.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from concurrent.futures import Future
from decimal import Decimal
from typing import ClassVar

import pytest
from django.contrib.auth.models import Group, User
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.wallet.ledger_world import World
from tests.wallet.model import Book
from tests.wallet.money import unique
from tests.wallet.operations import (
    OWNERS,
    Batch,
    Decide,
    Operation,
    Outcome,
    State,
    concurrent,
    once_more,
    single,
)
from tests.wallet.parallel import Lane, lanes
from wallet.models import ApprovalLimit
from wallet.verification import verify

EXAMPLES = os.environ.get("PROPERTY_EXAMPLES")
Steps = list[tuple[Operation, Outcome]]
LIMITS = {0: Decimal(20), 1: Decimal(2)}  # of staff members 0 and 1; the others have none


class Programme(RuleBasedStateMachine):
    connections: ClassVar[list[Lane]]
    staff: ClassVar[list[User]]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.staff)
        self.asked: list[Operation] = []
        zero = [Decimal(0)] * len(OWNERS)
        self.book = Book(OWNERS, LIMITS, [*zero], [*zero], [0] * len(OWNERS))
        for wallet, balance in self.world.opening.items():
            self.book.balances[wallet] = balance
            self.book.versions[wallet] = 1

    @rule(operation=single, lane=st.integers(0, 2))
    def one(self, operation: Operation, lane: int) -> None:
        self.asked.append(operation)
        self._expect(operation, self._start(operation, lane).result())

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), lane=st.integers(0, 2))
    def again(self, data: st.DataObject, lane: int) -> None:
        operation = data.draw(once_more(self.asked))
        self._expect(operation, self._start(operation, lane).result())

    @rule(operations=concurrent)
    def several_at_once(self, operations: list[Operation]) -> None:
        self.asked += operations
        running = [self._start(operation, lane) for lane, operation in enumerate(operations)]
        self._expect_in_some_order(operations, [future.result() for future in running])

    @precondition(lambda self: self.book.proposals)
    @rule(data=st.data(), people=st.lists(st.integers(0, 3), min_size=1, max_size=3))
    def decide(self, data: st.DataObject, people: list[int]) -> None:
        number = data.draw(st.sampled_from(range(len(self.book.proposals))))
        decisions: list[Operation] = [
            Decide(number, person, approved=data.draw(st.sampled_from([True, True, False])))
            for person in people
        ]
        running = [self._start(decision, lane) for lane, decision in enumerate(decisions)]
        self._expect_in_some_order(decisions, [future.result() for future in running])

    @invariant()
    def every_wallet_is_as_predicted(self) -> None:
        assert self.world.state() == self.book.state()
        assert self.world.entry_count() == len(self.book.entries) + len(self.world.opening)

    def teardown(self) -> None:
        run = verify(channel_id=self.world.channel.pk)
        assert run.passed, run.report
        wallets, _ = self.book.state()
        assert self.world.sums() == [balance + held for balance, held, _ in wallets]
        assert self.world.open_holds() == {
            key: entry.remaining for key, entry in self.book.entries.items() if entry.remaining
        }

    def _start(self, operation: Operation, lane: int) -> Future[Outcome]:
        return self.connections[lane].start(lambda: self.world.do(operation))

    def _expect(self, operation: Operation, outcome: Outcome) -> None:
        assert outcome == self.book.do(operation), operation

    def _expect_in_some_order(self, operations: list[Operation], outcomes: list[Outcome]) -> None:
        steps = [_steps(*pair) for pair in zip(operations, outcomes, strict=True)]
        book = _in_some_order(self.book, steps, self.world.state(), [])
        assert book, f"{operations} answered {outcomes}; no order of them does"
        self.book = book


def _steps(operation: Operation, outcome: Outcome) -> Steps:
    """The items of a batch are steps of their own: those of others may come between them."""
    if isinstance(operation, Batch):
        assert isinstance(outcome, tuple)
        return list(zip(operation.items, outcome, strict=True))
    return [(operation, outcome)]


def _in_some_order(
    book: Book, lanes: list[Steps], state: State, dead_ends: list[tuple[list[int], Book]]
) -> Book | None:
    """The book after all steps, each lane's one after the other, in an order that answers so."""
    if not any(lanes):
        return book if book.state() == state else None
    here = ([len(lane) for lane in lanes], book)
    if here in dead_ends:
        return None
    for number, lane in enumerate(lanes):
        if not lane:
            continue
        (operation, outcome), *rest = lane
        after = copy.deepcopy(book)
        if after.do(operation) == outcome:
            others = [*lanes[:number], rest, *lanes[number + 1 :]]
            if found := _in_some_order(after, others, state, dead_ends):
                return found
    dead_ends.append(here)
    return None


@pytest.fixture
def programme(committed_db: None) -> Iterator[type[Programme]]:
    Programme.staff = [User.objects.create(username=unique()[:30]) for _ in range(4)]
    for person, limit in LIMITS.items():
        role = Group.objects.create(name=unique())
        role.user_set.add(Programme.staff[person])
        ApprovalLimit.objects.create(role=role, currency="CNY", amount=limit)
    with lanes(3) as Programme.connections:
        yield Programme


def test_every_answer_and_balance_is_the_models(programme: type[Programme]) -> None:
    run_state_machine_as_test(
        programme,
        settings=settings(
            max_examples=int(EXAMPLES or 20),
            derandomize=not EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # what fails is printed as it is: shrinking takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
