"""Taking a movement back by its reference: once, in full, also before it arrives."""

import pytest

from tests.wallet.money import Purse, entry_of, money, unique
from wallet.ledger import Result
from wallet.models import EntryKind

pytestmark = pytest.mark.django_db


class TestTheReversalOfABet:
    def test_gives_the_whole_stake_back_and_names_its_bet(self) -> None:
        purse = Purse("1000")
        bet = purse.bet("-80", "b-1", round_code="r")

        answer = purse.reverse("b-1")

        assert (answer.result, answer.balance_before, answer.balance_after) == (
            Result.APPLIED,
            money(920),
            money(1000),
        )
        entry = entry_of(answer)
        assert (entry.reverses_id, entry.kind, entry.amount) == (bet.entry_id, "refund", 80)
        assert (entry.round_code, entry.house_account.role) == ("r", "clearing")

    def test_happens_once_however_often_it_is_asked_for(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")
        purse.reverse("b-1", "first")
        before = purse.state()

        second = purse.reverse("b-1", "second")

        assert (second.result, second.code, second.entry_id) == (
            Result.REFUSED,
            "already_reversed",
            None,
        )
        assert purse.state() == before

    def test_repeated_under_its_own_key_is_a_replay(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")
        first = purse.reverse("b-1", "refund-1")
        purse.post(EntryKind.DEPOSIT, "1")
        before = purse.state()

        again = purse.reverse("b-1", "refund-1")

        assert (again.result, again.code) == (Result.REPLAY, "")
        assert (again.balance_before, again.balance_after) == (
            first.balance_before,
            first.balance_after,
        )
        assert purse.state() == before

    def test_under_a_key_used_for_another_bet_is_a_conflict(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")
        purse.bet("-70", "b-2")
        purse.reverse("b-1", "refund-1")
        before = purse.state()

        answer = purse.reverse("b-2", "refund-1")

        assert answer.result is Result.CONFLICT
        assert purse.state() == before

    def test_under_a_key_used_for_what_another_source_names_so_is_a_conflict(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", source="one")
        purse.bet("-80", "b-1", source="two")
        purse.reverse("b-1", "refund-1", targets=["one"])
        before = purse.state()

        answer = purse.reverse("b-1", "refund-1", targets=["two"])

        assert answer.result is Result.CONFLICT
        assert purse.state() == before

    def test_for_another_amount_is_refused(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")
        before = purse.state()

        answer = purse.reverse("b-1", expected=money(-90))

        assert answer.code == "amount_differs"
        assert purse.state() == before
        assert purse.reverse("b-1", expected=money(-80)).accepted

    def test_finds_the_wallet_that_paid(self) -> None:
        purse = Purse("1000")
        side = Purse(player=purse.player, type_id=5)
        side.post(EntryKind.DEPOSIT, "100")
        side.bet("-80", "b-1")

        assert purse.reverse("b-1").accepted
        assert (purse.balance, side.balance) == (1000, 100)


class TestTheReversalOfARefusedBet:
    def test_is_refused(self) -> None:
        purse = Purse("10")
        purse.bet("-80", "b-1")
        before = purse.state()

        answer = purse.reverse("b-1")

        assert (answer.result, answer.code) == (Result.REFUSED, "target_refused")
        assert purse.state() == before


class TestTheReversalAfterSettlement:
    def test_is_refused(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.post(EntryKind.PAYOUT, "0", round_code="r")
        before = purse.state()

        answer = purse.reverse("b-1", unless_settled=True)

        assert answer.code == "settled"
        assert purse.state() == before

    def test_goes_through_when_the_payout_called_the_bet_failed_but_only_once(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.bet("-20", "b-2", round_code="r")
        purse.post(EntryKind.PAYOUT, "40", round_code="r", failed_stakes=["b-1"])

        assert purse.reverse("b-2", unless_settled=True).code == "settled"
        assert purse.reverse("b-1", unless_settled=True).accepted
        assert purse.reverse("b-1", unless_settled=True).code == "already_reversed"
        assert purse.balance == 1020

    def test_is_not_opened_by_a_payout_that_was_refused(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.post(EntryKind.PAYOUT, "0", round_code="r")
        purse.bet("-20", "b-2", round_code="s")
        purse.reverse("b-2")

        refused = purse.post(EntryKind.PAYOUT, "5", round_code="s", failed_stakes=["b-1"])

        assert refused.code == "stake_refunded"
        assert purse.reverse("b-1", unless_settled=True).code == "settled"
        assert purse.balance == 920

    def test_goes_through_for_a_bet_that_came_after_the_payout(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.post(EntryKind.PAYOUT, "0", round_code="r")
        purse.bet("-20", "b-2", round_code="r")

        assert purse.reverse("b-2", unless_settled=True).accepted
        assert purse.reverse("b-1", unless_settled=True).code == "settled"
        assert purse.balance == 920

    def test_may_be_awaited_by_the_payout(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.bet("-20", "b-2", round_code="r")

        def pay() -> str:
            return purse.post(
                EntryKind.PAYOUT,
                "40",
                reference="p",
                round_code="r",
                failed_stakes=["b-1"],
                refuse_failed_stakes=True,
            ).code

        assert pay() == "refund_awaited"
        assert purse.balance == 900
        purse.reverse("b-1")
        assert pay() == ""
        assert purse.balance == 1020


class TestTheReversalOfACredit:
    def test_may_take_the_wallet_below_zero(self) -> None:
        purse = Purse("0")
        purse.post(EntryKind.DEPOSIT, "100", source="bank", reference="d-1")
        purse.bet("-70")

        answer = purse.reverse(
            "d-1", targets=["bank"], target_kind=EntryKind.DEPOSIT, kind=EntryKind.REVERSAL
        )

        assert answer.accepted
        assert purse.balance == -70
        entry = entry_of(answer)
        assert entry.house_account.role == "cash"


class TestWhatIsItselfACorrection:
    def test_cannot_be_reversed(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")
        purse.reverse("b-1", "refund-1")
        before = purse.state()

        answer = purse.reverse("refund-1", targets=["test:refund"], kind=EntryKind.REVERSAL)

        assert answer.code == "not_reversible"
        assert purse.state() == before


class TestWhatWasNotTaken:
    def test_can_be_reversed_but_not_refunded(self) -> None:
        purse = Purse("1000")
        purse.post(EntryKind.DEPOSIT, "70", reference="d-1")
        before = purse.state()

        refund = purse.reverse("d-1", targets=["test:deposit"], kind=EntryKind.REFUND)

        assert refund.code == "not_reversible"
        assert purse.state() == before
        assert purse.reverse("d-1", targets=["test:deposit"], kind=EntryKind.REVERSAL).accepted
        assert purse.balance == 1000


class TestTheReversalOfAHold:
    def test_returns_it_while_it_is_whole(self) -> None:
        purse = Purse("1000")
        purse.post(EntryKind.HOLD, "-400", source="test:hold", reference="h-1")

        answer = purse.reverse("h-1", targets=["test:hold"], target_kind=EntryKind.HOLD)

        assert answer.accepted
        assert (purse.balance, purse.held) == (1000, 0)

    def test_is_refused_once_a_part_was_returned(self) -> None:
        purse = Purse("1000")
        purse.post(EntryKind.HOLD, "-400", source="test:hold", reference="h-1")
        purse.post(EntryKind.RELEASE, "1", holds=["h-1"])
        before = purse.state()

        answer = purse.reverse("h-1", targets=["test:hold"], target_kind=EntryKind.HOLD)

        assert answer.code == "already_reversed"
        assert purse.state() == before


def test_an_unrelated_reference_is_never_touched() -> None:
    purse = Purse("1000")
    purse.bet("-80", "b-1", source="elsewhere")
    before = purse.state()

    purse.reverse("b-1", unique())

    assert purse.balance == before.balance
