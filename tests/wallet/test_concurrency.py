"""Many at once on one wallet: real connections, races whose course is known."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.auth.models import User

from tests.wallet.money import Purse, assert_proven, connect, money, new_channel, new_player, unique
from tests.wallet.parallel import lanes, queued, together, wait_for_waiters
from wallet import adjustments, ledger
from wallet.ledger import Movement, Posting, Result
from wallet.models import EntryKind, LedgerEntry

pytestmark = pytest.mark.usefixtures("committed_db")

Call = Callable[[], Posting]


def side_of(purse: Purse, type_id: int = 3) -> Purse:
    return Purse(player=purse.player, type_id=type_id)


def transfer(payer: Purse, payee: Purse, amount: str = "1", reference: str = "") -> Posting:
    return ledger.transfer(
        from_wallet_id=payer.wallet.pk,
        to_wallet_id=payee.wallet.pk,
        amount=Decimal(amount),
        reference=reference or unique(),
    )


class TestTwentyCopiesOfOneMovement:
    def test_apply_once_and_get_one_answer(self) -> None:
        purse = Purse("1000.01")
        copies: list[Call] = [partial(purse.bet, "-80", "b-1", round_code="r")] * 20

        answers = queued(purse.wallet.pk, calls=copies)

        assert Counter(a.result for a in answers) == {Result.APPLIED: 1, Result.REPLAY: 19}
        assert {(a.balance_before, a.balance_after) for a in answers} == {
            (money("1000.01"), money("920.01"))
        }
        assert {(a.entry_id, a.posted_at) for a in answers} == {
            (answers[0].entry_id, answers[0].posted_at)
        }
        assert (purse.balance, purse.state().entries) == (money("920.01"), 2)
        assert_proven(purse)

    def test_of_a_refused_one_are_refused_alike(self) -> None:
        purse = Purse("10")

        answers = queued(purse.wallet.pk, calls=[partial(purse.bet, "-80", "b-1")] * 20)

        assert {(a.code, a.balance_after, a.entry_id) for a in answers} == {
            ("insufficient_funds", money(10), answers[0].entry_id)
        }
        assert (purse.balance, purse.state().entries) == (10, 2)


class TestThirtyDebitsAgainstMoneyForTwenty:
    def test_apply_exactly_twenty(self) -> None:
        purse = Purse("1000")

        answers = queued(
            purse.wallet.pk, calls=[partial(purse.bet, "-50", f"b-{n}") for n in range(30)]
        )

        assert Counter(a.code for a in answers) == {"": 20, "insufficient_funds": 10}
        applied = sorted(a.balance_after for a in answers if a.accepted)
        assert applied == [50 * n for n in range(20)]
        assert sorted(a.sequence or 0 for a in answers) == list(range(2, 32))
        assert purse.balance == 0
        assert_proven(purse)

    def test_apply_exactly_twenty_when_nobody_orders_them(self) -> None:
        purse = Purse("1000")

        answers = together([partial(purse.bet, "-50", f"b-{n}") for n in range(30)])

        assert Counter(a.code for a in answers) == {"": 20, "insufficient_funds": 10}
        assert purse.balance == 0
        assert_proven(purse)


class TestOneKeyAtTwoWallets:
    @pytest.mark.parametrize("first_commits", [True, False])
    def test_is_the_first_ones_unless_that_is_rolled_back(self, first_commits: bool) -> None:
        one = Purse("1000")
        two = Purse(player=new_player("1000", channel=one.player.channel))
        with connect() as first, lanes(1) as [lane]:
            first.autocommit = False
            first.execute("SELECT ledger_post(%s, 'bet', -80, 'test:bet', 'b-1')", [one.wallet.pk])
            second = lane.start(lambda: two.bet("-80", "b-1"))
            wait_for_waiters(1)
            (first.commit if first_commits else first.rollback)()
            answer = second.result()

        assert answer.result is (Result.CONFLICT if first_commits else Result.APPLIED)
        assert (one.balance, two.balance) == ((920, 1000) if first_commits else (1000, 920))
        assert_proven(one)


class TestTwoApprovalsOfOneAdjustment:
    def test_at_once_post_once(self) -> None:
        purse = Purse("100")
        maker, *checkers = (User.objects.create(username=unique()[:30]) for _ in range(4))
        proposal = adjustments.propose(
            wallet=purse.wallet, kind="bonus", amount=money(7), reason="test", maker=maker
        )
        adjustments.approve(adjustment_id=proposal.pk, checker=checkers[0])

        def approve(checker: User) -> str:
            try:
                adjustments.approve(adjustment_id=proposal.pk, checker=checker)
            except adjustments.AlreadyDecided:
                return "decided already"
            return "posted"

        outcomes = queued(
            purse.wallet.pk, calls=[partial(approve, c) for c in (checkers[1], checkers[2])]
        )

        assert outcomes == ["posted", "decided already"]
        assert purse.balance == 107
        assert LedgerEntry.objects.filter(wallet=purse.wallet, source="adjustment").count() == 1
        assert_proven(purse)

    def test_by_one_person_who_clicked_twice_count_once(self) -> None:
        purse = Purse("100")
        maker, checker = (User.objects.create(username=unique()[:30]) for _ in range(2))
        proposal = adjustments.propose(
            wallet=purse.wallet, kind="bonus", amount=money(7), reason="test", maker=maker
        )

        def approve() -> str:
            try:
                return adjustments.approve(adjustment_id=proposal.pk, checker=checker).state
            except adjustments.AlreadyDecided:
                return "decided already"

        assert sorted(together([approve] * 4)) == ["decided already"] * 3 + ["proposed"]
        assert purse.balance == 100


class TestTransfersInOppositeOrder:
    def test_never_deadlock(self) -> None:
        main = Purse("1000")
        side = side_of(main)
        transfer(main, side, "500")

        answers = queued(
            main.wallet.pk,
            calls=[partial(transfer, main, side), partial(transfer, side, main)] * 5,
        )

        assert {a.code for a in answers} == {""}
        assert (main.balance, side.balance) == (500, 500)
        assert_proven(main)

    def test_never_deadlock_in_a_crowd(self) -> None:
        main = Purse("1000")
        purses = [main, *(side_of(main, n) for n in (1, 2, 3))]
        for purse in purses[1:]:
            transfer(main, purse, "100")

        def go_round(seed: int) -> int:
            chance = random.Random(seed)
            return sum(
                transfer(payer, payee, str(chance.randint(1, 300))).accepted
                for payer, payee in (chance.sample(purses, 2) for _ in range(10))
            )

        applied = sum(together([partial(go_round, seed) for seed in range(6)]))

        assert applied > 0
        assert sum(purse.balance for purse in purses) == 1000
        assert_proven(main)


class TestBatchesInOppositeOrder:
    def test_never_deadlock(self) -> None:
        one = Purse("1000")
        two = Purse(player=new_player("1000", channel=one.player.channel))

        def batch(*purses: Purse) -> list[str]:
            answers = ledger.post_batch(
                movements=[
                    Movement(purse.wallet.pk, EntryKind.BET, money(-1), "test:bet", unique())
                    for purse in purses
                ]
            )
            return [answer.code for answer in answers if isinstance(answer, Posting)]

        codes = queued(
            one.wallet.pk, calls=[partial(batch, one, two), partial(batch, two, one)] * 5
        )

        assert codes == [["", ""]] * 10
        assert (one.balance, two.balance) == (990, 990)
        assert_proven(one)

    def test_whose_keys_cross_are_told_to_try_again_not_left_hanging(self) -> None:
        one, two, three = (
            Purse(player=new_player("1000", channel=channel)) for channel in [new_channel()] * 3
        )

        def batch(purse: Purse, *references: str) -> set[str]:
            movements = [
                Movement(purse.wallet.pk, EntryKind.BET, money(-1), "test:bet", reference)
                for reference in references
            ]
            try:
                answers = ledger.post_batch(movements=movements)
            except ledger.Busy:
                return {"busy"}
            return {answer.code for answer in answers if isinstance(answer, Posting)}

        three.bet("-1")  # the channel's first bet opens its clearing account
        with connect() as first, lanes(2) as opened:
            first.autocommit = False
            first.execute(
                "SELECT ledger_post(%s, 'bet', -80, 'test:bet', 'middle')", [three.wallet.pk]
            )
            futures = [
                opened[0].start(lambda: batch(one, "a", "middle", "b")),
                opened[1].start(lambda: batch(two, "b", "middle", "a")),
            ]
            wait_for_waiters(2)
            first.rollback()
            codes = [future.result() for future in futures]

        assert sorted(codes, key=sorted) == [{""}, {"busy"}]
        assert sorted([one.balance, two.balance, three.balance]) == [997, 999, 1000]
        assert_proven(one)


class TestAWalletThatIsHeldForTooLong:
    def test_is_busy_and_nothing_was_written(self) -> None:
        purse = Purse("1000")
        before = purse.state()
        with connect("postgres") as holder, holder.transaction():
            holder.execute("SELECT FROM wallet_wallet WHERE id = %s FOR UPDATE", [purse.wallet.pk])
            with pytest.raises(ledger.Busy):
                purse.bet("-80", "b-1")

        assert purse.state() == before
        assert purse.bet("-80", "b-1").result is Result.APPLIED
