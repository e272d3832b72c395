"""Transfers between a player's own wallets, and batches."""

from decimal import Decimal

import pytest
from django.db import transaction

from tests.wallet.money import Purse, money, new_player, unique
from wallet import ledger
from wallet.ledger import Movement, Posting, Result
from wallet.models import EntryKind, LedgerEntry

pytestmark = pytest.mark.django_db


def transfer(payer: Purse, payee: Purse, amount: str, reference: str) -> Posting:
    return ledger.transfer(
        from_wallet_id=payer.wallet.pk,
        to_wallet_id=payee.wallet.pk,
        amount=Decimal(amount),
        reference=reference,
    )


class TestATransferBetweenOwnWallets:
    def test_moves_both_sides(self) -> None:
        main = Purse("1000")
        side = Purse(player=main.player, type_id=2)

        answer = transfer(main, side, "250.5", unique())

        assert (answer.result, answer.balance_after) == (Result.APPLIED, money("749.5"))
        assert (main.balance, side.balance) == (money("749.5"), money("250.5"))

    def test_repeated_is_a_replay(self) -> None:
        main = Purse("1000")
        side = Purse(player=main.player, type_id=2)
        reference = unique()
        transfer(main, side, "250", reference)

        again = transfer(main, side, "250", reference)

        assert again.result is Result.REPLAY
        assert (main.balance, side.balance) == (750, 250)

    def test_to_another_wallet_under_the_same_reference_is_a_conflict(self) -> None:
        main = Purse("1000")
        side = Purse(player=main.player, type_id=2)
        third = Purse(player=main.player, type_id=3)
        reference = unique()
        transfer(main, side, "250", reference)
        main.bet("-50")

        answer = transfer(main, third, "250", reference)

        assert answer.result is Result.CONFLICT
        assert (answer.balance_before, answer.balance_after) == (700, 700)
        assert (main.balance, side.balance, third.balance) == (700, 250, 0)

    def test_beyond_the_balance_moves_neither_side(self) -> None:
        main = Purse("100")
        side = Purse(player=main.player, type_id=2)

        answer = transfer(main, side, "100.01", unique())

        assert answer.code == "insufficient_funds"
        assert (main.balance, side.balance) == (100, 0)
        assert side.state().entries == 0

    @pytest.mark.parametrize("amount", ["0", "-5"])
    def test_of_nothing_or_less_is_a_mistake(self, amount: str) -> None:
        main = Purse("100")
        side = Purse(player=main.player, type_id=2)

        with pytest.raises(ledger.RuleBroken), transaction.atomic():
            transfer(main, side, amount, unique())

        assert (main.state().entries, side.state().entries) == (1, 0)

    def test_to_another_player_is_a_mistake(self) -> None:
        main = Purse("100")
        stranger = Purse(player=new_player(channel=main.player.channel))

        with pytest.raises(ledger.RuleBroken), transaction.atomic():
            transfer(main, stranger, "5", unique())

        assert (main.balance, stranger.balance) == (100, 0)


class TestABatch:
    def test_answers_each_item_in_order_and_bad_ones_alone_fail(self) -> None:
        one, two = Purse("100"), Purse("50")
        reference = unique()

        answers = ledger.post_batch(
            movements=[
                Movement(two.wallet.pk, EntryKind.BET, money(-20), "s", reference + "1"),
                Movement(one.wallet.pk, EntryKind.BET, money(-500), "s", reference + "2"),
                Movement(one.wallet.pk, EntryKind.BET, money(5), "s", reference + "3"),
                Movement(-1, EntryKind.DEPOSIT, money(5), "s", reference + "4"),
                Movement(one.wallet.pk, EntryKind.DEPOSIT, money(7), "s", reference + "5"),
                Movement(one.wallet.pk, EntryKind.DEPOSIT, money(7), "s", reference + "5"),
            ]
        )

        first, second, third, fourth, fifth, sixth = answers
        assert isinstance(first, Posting)
        assert isinstance(second, Posting)
        assert isinstance(third, ledger.RuleBroken)
        assert isinstance(fourth, ledger.UnknownWallet)
        assert isinstance(fifth, Posting)
        assert isinstance(sixth, Posting)
        assert (first.result, first.balance_after) == (Result.APPLIED, 30)
        assert (second.result, second.code) == (Result.REFUSED, "insufficient_funds")
        assert (fifth.result, fifth.balance_after) == (Result.APPLIED, 107)
        assert sixth.result is Result.REPLAY
        assert (one.balance, two.balance) == (107, 30)

    def test_keeps_what_each_item_says(self) -> None:
        purse = Purse("0")
        reference = unique()

        ledger.post_batch(
            movements=[
                Movement(
                    purse.wallet.pk,
                    EntryKind.BONUS,
                    money("1.2345"),
                    "s",
                    reference,
                    round_code="r",
                    reason="welcome",
                    detail={"code": "x"},
                )
            ]
        )

        entry = LedgerEntry.objects.get(channel=purse.player.channel, reference=reference)
        assert (entry.amount, entry.round_code) == (money("1.2345"), "r")
        assert (entry.reason, entry.detail) == ("welcome", {"code": "x"})

    def test_of_nothing_answers_nothing(self) -> None:
        assert ledger.post_batch(movements=[]) == []
