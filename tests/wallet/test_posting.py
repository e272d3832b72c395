"""Posting one movement: what is applied, replayed, refused and remembered."""

from decimal import Decimal

import pytest
from django.db import transaction

from tests.wallet.money import Purse, entry_of, money, new_player, unique
from wallet import ledger, players
from wallet.ledger import Result
from wallet.models import EntryKind

pytestmark = pytest.mark.django_db


class TestAMovementWithinTheBalance:
    def test_moves_the_wallet_and_answers_both_balances(self) -> None:
        purse = Purse("1000.01")

        answer = purse.bet("-80")

        assert (answer.result, answer.code) == (Result.APPLIED, "")
        assert (answer.balance_before, answer.balance_after) == (money("1000.01"), money("920.01"))
        assert purse.balance == money("920.01")

    def test_writes_one_entry_that_continues_the_wallet(self) -> None:
        purse = Purse("1000.01")

        answer = purse.bet(
            "-80", "b-1", round_code="round-1", reason="why", detail={"tableType": 1}
        )

        entry = entry_of(answer)
        assert (entry.sequence, entry.amount, entry.requested) == (2, money("-80"), money("-80"))
        assert (entry.source, entry.reference, entry.round_code) == ("test:bet", "b-1", "round-1")
        assert (entry.balance_after, entry.currency) == (money("920.01"), "CNY")
        assert (entry.player, entry.channel) == (purse.player, purse.player.channel)
        assert (entry.house_account.role, entry.reason) == ("clearing", "why")
        assert entry.detail == {"tableType": 1}

    def test_may_take_the_last_cent(self) -> None:
        purse = Purse("80")

        assert purse.bet("-80").accepted
        assert purse.balance == 0

    def test_keeps_four_decimals_exactly(self) -> None:
        purse = Purse("0")

        for _ in range(10):
            purse.post(EntryKind.DEPOSIT, "0.1001")

        assert purse.balance == money("1.0010")

    def test_of_nothing_is_recorded(self) -> None:
        purse = Purse("5")

        answer = purse.post(EntryKind.PAYOUT, "0")

        assert answer.accepted
        assert purse.state().entries == 2
        assert purse.balance == 5


class TestTheSameRequestAgain:
    def test_is_answered_with_the_first_answer_and_moves_nothing(self) -> None:
        purse = Purse("1000.01")
        first = purse.bet("-80", "b-1", round_code="r")
        purse.post(EntryKind.DEPOSIT, "500")
        before = purse.state()

        again = purse.bet("-80", "b-1", round_code="r")

        assert again.result is Result.REPLAY
        assert again.accepted
        assert (again.balance_before, again.balance_after) == (money("1000.01"), money("920.01"))
        assert (again.entry_id, again.posted_at) == (first.entry_id, first.posted_at)
        assert purse.state() == before

    @pytest.mark.parametrize(
        ("amount", "fields"),
        [("-90", {"round_code": "r"}), ("-80", {"round_code": "other"})],
    )
    def test_with_other_content_is_a_conflict(self, amount: str, fields: dict[str, str]) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", round_code="r")
        before = purse.state()

        answer = purse.bet(amount, "b-1", **fields)

        assert (answer.result, answer.accepted) == (Result.CONFLICT, False)
        assert purse.state() == before

    def test_for_another_player_is_a_conflict(self) -> None:
        purse = Purse("1000")
        other = Purse(player=new_player("1000", channel=purse.player.channel))
        purse.bet("-80", "b-1")
        before = other.state()

        answer = other.bet("-80", "b-1")

        assert answer.result is Result.CONFLICT
        assert other.state() == before

    def test_as_another_kind_is_a_conflict(self) -> None:
        purse = Purse("1000")
        purse.bet("-80", "b-1", source="s")
        before = purse.state()

        answer = purse.post(EntryKind.TIP, "-80", source="s", reference="b-1")

        assert answer.result is Result.CONFLICT
        assert purse.state() == before

    def test_under_another_source_or_channel_is_another_request(self) -> None:
        purse, stranger = Purse("1000"), Purse("1000")
        purse.bet("-80", "b-1", source="one")

        assert purse.bet("-80", "b-1", source="two").result is Result.APPLIED
        assert stranger.bet("-80", "b-1", source="one").result is Result.APPLIED


class TestAMovementBeyondTheBalance:
    def test_is_refused_with_the_real_balance_and_remembered(self) -> None:
        purse = Purse("1000.01")

        answer = purse.bet("-1000.02", "b-1")

        assert (answer.result, answer.code) == (Result.REFUSED, "insufficient_funds")
        assert (answer.balance_before, answer.balance_after) == (money("1000.01"), money("1000.01"))
        entry = entry_of(answer)
        assert (entry.outcome, entry.code) == ("refused", "insufficient_funds")
        assert (entry.requested, entry.amount) == (money("-1000.02"), 0)
        assert purse.balance == money("1000.01")

    def test_stays_refused_when_money_has_come(self) -> None:
        purse = Purse("10")
        purse.bet("-80", "b-1")
        purse.post(EntryKind.DEPOSIT, "500")
        before = purse.state()

        again = purse.bet("-80", "b-1")

        assert (again.result, again.code) == (Result.REPLAY, "insufficient_funds")
        assert again.balance_after == 10
        assert purse.state() == before

    @pytest.mark.parametrize(
        "kind", [EntryKind.TIP, EntryKind.FEE, EntryKind.HOLD, EntryKind.WITHDRAWAL]
    )
    def test_is_refused_whatever_takes_by_request(self, kind: EntryKind) -> None:
        purse = Purse("10")

        answer = purse.post(kind, "-10.0001")

        assert answer.code == "insufficient_funds"
        assert purse.balance == 10

    @pytest.mark.parametrize("kind", [EntryKind.CLAWBACK, EntryKind.CORRECTION])
    def test_is_applied_when_it_settles(self, kind: EntryKind) -> None:
        purse = Purse("40")

        answer = purse.post(kind, "-100")

        assert answer.result is Result.APPLIED
        assert purse.balance == -60

    def test_below_zero_a_bet_is_refused_and_a_payout_lifts(self) -> None:
        purse = Purse("40")
        purse.post(EntryKind.CLAWBACK, "-100")

        assert purse.bet("-1").code == "insufficient_funds"
        assert purse.post(EntryKind.PAYOUT, "25").balance_after == -35


class TestAPlayerWhoIsNotActive:
    @pytest.mark.parametrize("status", ["locked", "closed"])
    @pytest.mark.parametrize("kind", [EntryKind.BET, EntryKind.TIP, EntryKind.FEE, EntryKind.HOLD])
    def test_cannot_stake_and_the_refusal_stays(self, status: str, kind: EntryKind) -> None:
        purse = Purse("1000")
        players.lock(player=purse.player, reason="check")
        if status == "closed":
            players.close(player=purse.player, reason="gone")

        answer = purse.post(kind, "-80", reference="b-1")

        assert (answer.result, answer.code) == (Result.REFUSED, "player_inactive")
        assert purse.balance == 1000

    def test_stays_refused_after_the_unlock(self) -> None:
        purse = Purse("1000")
        players.lock(player=purse.player, reason="check")
        purse.bet("-80", "b-1")
        players.unlock(player=purse.player)

        assert purse.bet("-80", "b-1").code == "player_inactive"
        assert purse.balance == 1000

    def test_still_gets_what_settles(self) -> None:
        purse = Purse("1000")
        players.lock(player=purse.player, reason="check")

        assert purse.post(EntryKind.PAYOUT, "5").accepted
        assert purse.post(EntryKind.CLAWBACK, "-2").accepted
        assert purse.balance == 1003


class TestACallersMistake:
    @pytest.mark.parametrize(
        ("kind", "amount"),
        [
            ("bet", "80"),
            ("payout", "-1"),
            ("deposit", "-1"),
            ("bet", "-0.00001"),
            ("fun", "1"),
            ("refund", "1"),
            ("reversal", "1"),
        ],
    )
    def test_in_kind_sign_or_decimals_is_named(self, kind: str, amount: str) -> None:
        purse = Purse("1000")
        before = purse.state()

        with pytest.raises(ledger.RuleBroken), transaction.atomic():
            ledger.post(
                wallet_id=purse.wallet.pk,
                kind=kind,  # type: ignore[arg-type]
                amount=Decimal(amount),
                source="test",
                reference=unique(),
            )

        assert purse.state() == before

    def test_a_float_is_no_amount(self) -> None:
        purse = Purse("1000")

        with pytest.raises(ledger.RuleBroken, match="not float"):
            ledger.post(
                wallet_id=purse.wallet.pk,
                kind=EntryKind.BET,
                amount=-1.5,  # type: ignore[arg-type]
                source="test",
                reference=unique(),
            )

    def test_an_unknown_wallet_is_named(self) -> None:
        with pytest.raises(ledger.UnknownWallet):
            ledger.post(
                wallet_id=-1,
                kind=EntryKind.DEPOSIT,
                amount=Decimal(1),
                source="test",
                reference=unique(),
            )
