"""Payouts and the bets that they settle."""

import pytest

from tests.wallet.money import Purse, entry_of, new_player
from wallet.ledger import Result
from wallet.models import EntryKind

pytestmark = pytest.mark.django_db


class TestAPayoutThatNeedsItsBet:
    def test_is_refused_while_the_bet_is_unknown_and_applied_once_it_is_here(self) -> None:
        purse = Purse("1000")
        before = purse.state()

        early = purse.post(EntryKind.PAYOUT, "90", reference="p", round_code="r", needs_stake=True)

        assert (early.result, early.code, early.entry_id) == (Result.REFUSED, "stake_unknown", None)
        assert purse.state() == before

        purse.bet("-80", round_code="r")
        late = purse.post(EntryKind.PAYOUT, "90", reference="p", round_code="r", needs_stake=True)
        assert late.result is Result.APPLIED
        assert purse.balance == 1010

    def test_does_not_take_a_refused_bet_for_one(self) -> None:
        purse = Purse("10")
        purse.bet("-80", "b-1", round_code="r")
        before = purse.state()

        answer = purse.post(
            EntryKind.PAYOUT, "90", round_code="r", needs_stake=True, stakes=["b-1"]
        )

        assert answer.code == "stake_unknown"
        assert purse.state() == before

    def test_finds_the_bet_by_reference_without_a_round(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1")

        answer = purse.post(EntryKind.PAYOUT, "90", needs_stake=True, stakes=["b-1"])

        assert answer.accepted

    def test_does_not_take_another_players_bet_for_its_own(self) -> None:
        purse = Purse("1000")
        other = Purse(player=new_player("1000", channel=purse.player.channel))
        other.bet("-80", "b-1", round_code="r")
        before = purse.state()

        answer = purse.post(
            EntryKind.PAYOUT, "90", round_code="r", needs_stake=True, stakes=["b-1"]
        )

        assert answer.code == "stake_unknown"
        assert purse.state() == before

    def test_is_refused_for_ever_when_its_bet_was_refunded(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.reverse("b-1")

        answer = purse.post(EntryKind.PAYOUT, "90", reference="p", round_code="r", needs_stake=True)

        assert (answer.result, answer.code) == (Result.REFUSED, "stake_refunded")
        assert entry_of(answer).outcome == "refused"
        assert purse.balance == 1000

    def test_of_nothing_is_recorded_after_a_refund(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        purse.reverse("b-1")

        assert purse.post(EntryKind.PAYOUT, "0", round_code="r", needs_stake=True).accepted
        assert purse.balance == 1000
