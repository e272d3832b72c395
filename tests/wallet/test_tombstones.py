"""A reversal that comes before what it reverses."""

import pytest

from tests.wallet.money import Purse, entry_of, money, new_player
from wallet.ledger import Result
from wallet.models import EntryKind

pytestmark = pytest.mark.django_db


class TestTheReversalOfAnUnknownBet:
    def test_leaves_a_tombstone_and_moves_nothing(self) -> None:
        purse = Purse("1000")

        answer = purse.reverse("t-1", expected=money(-80), round_code="r")

        assert (answer.result, answer.code) == (Result.REFUSED, "unknown_reference")
        tombstone = entry_of(answer)
        assert (tombstone.source, tombstone.reference) == ("test:bet", "t-1")
        assert (tombstone.outcome, tombstone.amount, tombstone.kind) == ("tombstone", 0, "bet")
        assert purse.balance == 1000

    def test_refuses_the_original_that_comes_late(self) -> None:
        purse = Purse("1000")
        purse.reverse("t-1")
        before = purse.state()

        late = purse.bet("-80", "t-1")

        assert (late.result, late.code) == (Result.REFUSED, "cancelled")
        assert (late.balance_before, late.balance_after) == (1000, 1000)
        assert purse.state() == before

    def test_refuses_it_also_under_another_source_of_the_same_sender(self) -> None:
        purse = Purse("1000")
        purse.reverse("t-1")
        before = purse.state()

        late = purse.post(EntryKind.HOLD, "-80", source="test:hold", reference="t-1")

        assert late.code == "cancelled"
        assert purse.state() == before
        assert purse.bet("-80", "t-1", source="elsewhere:bet").accepted

    def test_refuses_no_win_of_the_same_reference(self) -> None:
        purse = Purse("1000")
        purse.reverse("t-1")

        assert purse.post(EntryKind.PAYOUT, "80", source="test:payout", reference="t-1").accepted
        assert purse.balance == 1080

    def test_refuses_no_other_players_stake_under_another_source(self) -> None:
        purse = Purse("1000")
        other = Purse(player=new_player("1000", channel=purse.player.channel))
        purse.reverse("t-1")

        assert other.post(EntryKind.HOLD, "-80", source="test:hold", reference="t-1").accepted
        assert other.balance == 920

    def test_leaves_the_answer_to_a_stake_that_was_here_before_as_it_was(self) -> None:
        purse = Purse("1000")
        hold = purse.post(EntryKind.HOLD, "-80", source="test:hold", reference="t-1")
        purse.reverse("t-1")
        before = purse.state()

        again = purse.post(EntryKind.HOLD, "-80", source="test:hold", reference="t-1")

        assert (again.result, again.entry_id) == (Result.REPLAY, hold.entry_id)
        assert purse.state() == before

    def test_stays_unknown_when_asked_again(self) -> None:
        purse = Purse("1000")
        purse.reverse("t-1", "a")
        before = purse.state()

        assert purse.reverse("t-1", "b").code == "unknown_reference"
        assert purse.state() == before

    def test_of_another_player_leaves_that_players_bet_alone(self) -> None:
        purse = Purse("1000")
        other = Purse(player=new_player("1000", channel=purse.player.channel))
        other.bet("-80", "b-1")
        before, others = purse.state(), other.state()

        answer = purse.reverse("b-1")

        assert answer.code == "unknown_reference"
        assert (purse.state(), other.state()) == (before, others)
