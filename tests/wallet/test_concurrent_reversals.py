"""Reversals that race each other, their original, a payout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from tests.wallet.money import Purse, assert_proven, connect, new_player
from tests.wallet.parallel import lanes, queued, together, wait_for_waiters
from wallet.ledger import Posting, Result
from wallet.models import EntryKind

pytestmark = pytest.mark.usefixtures("committed_db")

Call = Callable[[], Posting]


class TestReversalsOfOneBet:
    def test_under_many_references_are_applied_once(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")

        answers = queued(
            purse.wallet.pk, calls=[partial(purse.reverse, "b-1", f"r-{n}") for n in range(20)]
        )

        assert [a.code for a in answers] == [""] + ["already_reversed"] * 19
        assert purse.balance == 1000
        assert_proven(purse)

    def test_under_one_reference_are_applied_once_and_answered_alike(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")

        answers = queued(purse.wallet.pk, calls=[partial(purse.reverse, "b-1", "r-1")] * 20)

        assert Counter(a.result for a in answers) == {Result.APPLIED: 1, Result.REPLAY: 19}
        assert {(a.balance_before, a.balance_after) for a in answers} == {(920, 1000)}
        assert purse.balance == 1000

    def test_asked_for_through_another_wallet_are_applied_once_and_answered_alike(self) -> None:
        purse = Purse("1000")
        side = Purse(player=purse.player, type_id=3)
        side.post(EntryKind.DEPOSIT, "100")
        side.bet("-80", "b-1")

        answers = queued(
            side.wallet.pk,
            calls=[partial(purse.reverse, "b-1", "r-1"), partial(side.reverse, "b-1", "r-1")] * 5,
        )

        assert Counter(a.result for a in answers) == {Result.APPLIED: 1, Result.REPLAY: 9}
        assert {(a.balance_before, a.balance_after) for a in answers} == {(20, 100)}
        assert (purse.balance, side.balance) == (1000, 100)


class TestOneReferenceForTheReversalOfTwoBets:
    def test_is_the_first_ones(self) -> None:
        one = Purse("1000")
        two = Purse(player=new_player("1000", channel=one.player.channel))
        one.bet("-80", "b-1")
        two.bet("-80", "b-2")

        with connect() as first, lanes(1) as [lane]:
            first.autocommit = False
            first.execute(
                "SELECT ledger_reverse(%s, '{test:bet}', 'b-1', 'bet', 'refund', 'test:refund',"
                " 'r-1')",
                [one.wallet.pk],
            )
            second = lane.start(lambda: two.reverse("b-2", "r-1"))
            wait_for_waiters(1)
            first.commit()
            answer = second.result()

        assert answer.result is Result.CONFLICT
        assert (one.balance, two.balance) == (1000, 920)


class TestAReversalThatFindsItsBetInAnotherWalletAtTheLastMoment:
    """The bet is not committed when the reversal looks, and is when it would cancel it."""

    BET = "SELECT ledger_post(%s, 'bet', -80, 'test:bet', 'b-1')"
    REFUND = "SELECT ledger_reverse(%s, '{test:bet}', 'b-1', 'bet', 'refund', 'test:refund', 'r-1')"

    def wallets(self) -> tuple[Purse, Purse]:
        main = Purse("1000")
        main.bet("-1")  # the channel's first bet opens its clearing account
        side = Purse(player=main.player, type_id=3)
        side.post(EntryKind.DEPOSIT, "100")
        return main, side

    def test_waits_for_what_happens_there(self) -> None:
        main, side = self.wallets()
        with connect() as first, lanes(9) as [lane, *crowd]:
            first.autocommit = False
            first.execute(self.BET, [side.wallet.pk])
            refund = lane.start(lambda: main.reverse("b-1"))
            wait_for_waiters(1)
            tips = [each.start(lambda: side.post(EntryKind.TIP, "-1")) for each in crowd]
            wait_for_waiters(9)
            first.commit()

            assert refund.result().code == ""
            assert {tip.result().code for tip in tips} == {""}

        assert (main.balance, side.balance) == (999, 92)
        assert_proven(main)

    def test_is_a_replay_if_it_was_made_there(self) -> None:
        main, side = self.wallets()
        with connect() as first, lanes(1) as [lane]:
            first.autocommit = False
            first.execute(self.BET, [side.wallet.pk])
            first.execute(self.REFUND, [side.wallet.pk])
            refund = lane.start(lambda: main.reverse("b-1", "r-1"))
            wait_for_waiters(1)
            first.commit()
            answer = refund.result()

        assert (answer.result, answer.balance_after) == (Result.REPLAY, 100)
        assert (main.balance, side.balance) == (999, 100)


class TestABetThatRacesItsRefund:
    def test_is_refunded_when_it_comes_first(self) -> None:
        purse = Purse("1000")

        bet, refund = queued(
            purse.wallet.pk,
            calls=[partial(purse.bet, "-80", "b-1"), partial(purse.reverse, "b-1")],
        )

        assert (bet.code, refund.code) == ("", "")
        assert (refund.balance_before, refund.balance_after) == (920, 1000)
        assert purse.state().entries == 3
        assert_proven(purse)

    def test_is_refused_when_it_comes_second(self) -> None:
        purse = Purse("1000")

        refund, bet = queued(
            purse.wallet.pk,
            calls=[partial(purse.reverse, "b-1"), partial(purse.bet, "-80", "b-1")],
        )

        assert (refund.code, bet.code) == ("unknown_reference", "cancelled")
        assert (bet.balance_before, bet.balance_after) == (1000, 1000)
        assert (purse.balance, purse.state().entries) == (1000, 2)
        assert_proven(purse)

    def test_from_another_wallet_is_refunded_to_it(self) -> None:
        main = Purse("1000")
        side = Purse(player=main.player, type_id=3)
        side.post(EntryKind.DEPOSIT, "100")

        bet, refund = queued(
            main.wallet.pk,
            side.wallet.pk,
            calls=[partial(side.bet, "-80", "b-1"), partial(main.reverse, "b-1")],
        )

        outcome = (bet.code, refund.code)
        assert outcome in {("", ""), ("cancelled", "unknown_reference")}
        assert (main.balance, side.balance) == (1000, 100)
        assert_proven(main)

    def test_in_many_copies_ends_as_if_never_made(self) -> None:
        purse = Purse("1000")
        calls: list[Call] = [partial(purse.bet, "-80", "b-1"), partial(purse.reverse, "b-1", "r-1")]

        answers = together(calls * 8)

        bets, refunds = answers[::2], answers[1::2]
        assert {a.code for a in bets} | {a.code for a in refunds} in (
            {""},  # refunded
            {"cancelled", "unknown_reference"},  # cancelled in advance
        )
        assert purse.balance == 1000
        assert_proven(purse)


class TestAPayoutThatRacesTheRefundOfItsBet:
    def bets(self) -> Purse:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        return purse

    def test_is_paid_when_it_comes_first(self) -> None:
        purse = self.bets()

        payout, refund = queued(
            purse.wallet.pk,
            calls=[
                partial(purse.post, EntryKind.PAYOUT, "90", round_code="r", needs_stake=True),
                partial(purse.reverse, "b-1", unless_settled=True),
            ],
        )

        assert (payout.code, refund.code) == ("", "settled")
        assert purse.balance == 1010

    def test_is_refused_when_it_comes_second(self) -> None:
        purse = self.bets()

        refund, payout = queued(
            purse.wallet.pk,
            calls=[
                partial(purse.reverse, "b-1", unless_settled=True),
                partial(purse.post, EntryKind.PAYOUT, "90", round_code="r", needs_stake=True),
            ],
        )

        assert (refund.code, payout.code) == ("", "stake_refunded")
        assert purse.balance == 1000


class TestReleasesOfOneHold:
    def test_together_return_no_more_than_was_withheld(self) -> None:
        purse = Purse("1000")
        purse.post(EntryKind.HOLD, "-100", reference="h-1")

        answers = queued(
            purse.wallet.pk, calls=[partial(purse.post, EntryKind.RELEASE, "40", holds=["h-1"])] * 5
        )

        # Of more than two that wait for one row, PostgreSQL promises no order.
        assert sorted(a.code for a in answers) == ["", "", *["hold_exceeded"] * 3]
        assert (purse.balance, purse.held) == (980, 20)
        assert_proven(purse)
