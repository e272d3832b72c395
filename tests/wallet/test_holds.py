"""Money withheld from the spendable balance and returned in parts."""

from functools import partial

import pytest

from tests.wallet.money import Purse, entry_of, money
from wallet.ledger import Result
from wallet.models import EntryKind, Hold, HoldReturn

pytestmark = pytest.mark.django_db


def hold(purse: Purse, amount: str = "-1200", reference: str = "h-1") -> None:
    assert purse.post(EntryKind.HOLD, amount, reference=reference).accepted


class TestAHold:
    def test_leaves_the_spendable_balance_and_is_shown_apart(self) -> None:
        purse = Purse("2000")

        hold(purse)

        assert (purse.balance, purse.held) == (800, 1200)
        assert Hold.objects.get(wallet=purse.wallet).remaining == 1200

    def test_cannot_be_spent(self) -> None:
        purse = Purse("2000")
        hold(purse)

        assert purse.bet("-801").code == "insufficient_funds"
        assert (purse.balance, purse.held) == (800, 1200)

    def test_beyond_the_balance_withholds_nothing(self) -> None:
        purse = Purse("100")

        answer = purse.post(EntryKind.HOLD, "-1200")

        assert answer.code == "insufficient_funds"
        assert (purse.balance, purse.held) == (100, 0)
        assert not Hold.objects.filter(wallet=purse.wallet).exists()


class TestARelease:
    def test_returns_a_hold_in_parts_up_to_the_whole(self) -> None:
        purse = Purse("2000")
        hold(purse)

        assert purse.post(EntryKind.RELEASE, "200", holds=["h-1"]).accepted
        assert (purse.balance, purse.held) == (1000, 1000)
        assert purse.post(EntryKind.RELEASE, "1000", holds=["h-1"]).accepted
        assert (purse.balance, purse.held) == (2000, 0)

    def test_without_a_round_belongs_to_the_round_of_its_holds(self) -> None:
        purse = Purse("2000")
        purse.post(EntryKind.HOLD, "-500", reference="h-1", round_code="r")
        purse.post(EntryKind.HOLD, "-100", reference="h-2", round_code="other")
        release = partial(purse.post, EntryKind.RELEASE, "40")

        one = release(holds=["h-1"], reference="r-1")
        both = release(holds=["h-1", "h-2"])
        named = release(holds=["h-1"], round_code="own")

        assert [entry_of(each).round_code for each in (one, both, named)] == ["r", "", "own"]
        again = release(holds=["h-1"], reference="r-1")
        assert (again.result, again.entry_id) == (Result.REPLAY, one.entry_id)
        elsewhere = release(holds=["h-1"], reference="r-1", round_code="other")
        assert elsewhere.result == Result.CONFLICT

    def test_of_more_than_is_left_returns_nothing(self) -> None:
        purse = Purse("2000")
        hold(purse)
        purse.post(EntryKind.RELEASE, "200", holds=["h-1"])
        before = purse.state()

        answer = purse.post(EntryKind.RELEASE, "1000.0001", holds=["h-1"])

        assert (answer.result, answer.code, answer.entry_id) == (
            Result.REFUSED,
            "hold_exceeded",
            None,
        )
        assert purse.state() == before

    def test_of_a_hold_already_returned_says_so(self) -> None:
        purse = Purse("2000")
        hold(purse)
        purse.post(EntryKind.RELEASE, "1200", holds=["h-1"])
        before = purse.state()

        assert purse.post(EntryKind.RELEASE, "1", holds=["h-1"]).code == "hold_returned"
        assert purse.state() == before

    def test_of_an_unknown_hold_can_be_sent_again_when_it_is_here(self) -> None:
        purse = Purse("2000")
        before = purse.state()

        early = purse.post(EntryKind.RELEASE, "1200", reference="r", holds=["h-1"])

        assert early.code == "hold_unknown"
        assert purse.state() == before
        hold(purse)
        assert purse.post(EntryKind.RELEASE, "1200", reference="r", holds=["h-1"]).accepted

    def test_of_another_wallets_hold_returns_nothing(self) -> None:
        purse = Purse("2000")
        hold(purse)
        side = Purse(player=purse.player, type_id=3)
        before = side.state()

        answer = side.post(EntryKind.RELEASE, "1200", holds=["h-1"])

        assert answer.code == "hold_unknown"
        assert side.state() == before
        assert purse.held == 1200

    def test_is_spread_over_several_holds_the_oldest_first(self) -> None:
        purse = Purse("2000")
        hold(purse, "-100", "h-1")
        hold(purse, "-200", "h-2")
        hold(purse, "-300", "h-3")

        answer = purse.post(EntryKind.RELEASE, "250", holds=["h-3", "h-2", "h-1"])

        returns = HoldReturn.objects.filter(entry_id=answer.entry_id).order_by("hold_id")
        assert [r.amount for r in returns] == [money(100), money(150)]
        remaining = Hold.objects.filter(wallet=purse.wallet).order_by("pk")
        assert [h.remaining for h in remaining] == [0, 50, 300]
        assert purse.held == 350

    def test_goes_to_each_hold_as_the_caller_says(self) -> None:
        purse = Purse("2000")
        hold(purse, "-1000", "h-1")
        hold(purse, "-500", "h-2")

        purse.post(
            EntryKind.RELEASE, "700", holds=["h-1", "h-2"], hold_shares=[money(400), money(300)]
        )

        remaining = Hold.objects.filter(wallet=purse.wallet).order_by("pk")
        assert [h.remaining for h in remaining] == [600, 200]
        assert (purse.balance, purse.held) == (1200, 800)

    @pytest.mark.parametrize("shares", [["400", "200"], ["100", "600"], ["-100", "800"], ["700"]])
    def test_goes_to_the_oldest_when_the_shares_do_not_add_up(self, shares: list[str]) -> None:
        purse = Purse("2000")
        hold(purse, "-1000", "h-1")
        hold(purse, "-500", "h-2")

        purse.post(
            EntryKind.RELEASE,
            "700",
            holds=["h-1", "h-2"],
            hold_shares=[money(share) for share in shares],
        )

        remaining = Hold.objects.filter(wallet=purse.wallet).order_by("pk")
        assert [h.remaining for h in remaining] == [300, 500]
        assert purse.held == 800

    def test_repeated_is_a_replay(self) -> None:
        purse = Purse("2000")
        hold(purse)
        purse.post(EntryKind.RELEASE, "200", reference="r", holds=["h-1"])
        before = purse.state()

        again = purse.post(EntryKind.RELEASE, "200", reference="r", holds=["h-1"])

        assert again.result is Result.REPLAY
        assert purse.state() == before

    def test_of_the_whole_hold_repeated_is_a_replay(self) -> None:
        purse = Purse("2000")
        hold(purse)
        purse.post(EntryKind.RELEASE, "1200", reference="r", holds=["h-1"])
        before = purse.state()

        again = purse.post(EntryKind.RELEASE, "1200", reference="r", holds=["h-1"])

        assert (again.result, again.balance_before) == (Result.REPLAY, 800)
        assert purse.state() == before

    def test_goes_against_the_withheld_stakes_of_the_house(self) -> None:
        purse = Purse("2000")
        hold(purse)
        answer = purse.post(EntryKind.RELEASE, "1200", holds=["h-1"])

        entry = entry_of(answer)
        assert entry.house_account.role == "withheld"
