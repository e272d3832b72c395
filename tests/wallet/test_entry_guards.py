"""What PostgreSQL refuses as an entry, even from the tables' owner."""

import pytest

from tests.wallet.attacks import Attack, entry
from tests.wallet.money import Purse
from wallet.models import EntryRule, LedgerEntry


class TestAnEntryWrittenByHand:
    @pytest.mark.parametrize(
        ("parts", "constraint"),
        [
            ({"step": "2"}, "ledger_entry_continues_wallet"),
            ({"step": "0"}, "ledger_entry_sequence"),
            ({"skew": "1"}, "ledger_entry_continues_wallet"),
            ({"currency": "'USD'"}, "ledger_entry_continues_wallet"),
            ({"channel": "channel_id - 1"}, "ledger_entry_continues_wallet"),
            ({"player": "player_id - 1"}, "ledger_entry_continues_wallet"),
            ({"house": "-1"}, "ledger_entry_continues_wallet"),
            ({"reference": "'b-1'", "kind": "'bet'"}, None),
            ({"amount": "-5000", "kind": "'bet'"}, "ledger_entry_floor"),
            ({"amount": "61", "kind": "'release'"}, "wallet_held_floor"),
        ],
    )
    def test_may_not_insert_an_entry_that_breaks_the_wallet(
        self, purse: Purse, as_owner: Attack, parts: dict[str, str], constraint: str | None
    ) -> None:
        before = purse.state()
        statement = entry(purse, **parts)
        if constraint is None:  # the key of an entry that exists
            statement = statement.replace("'attack'", "'test:bet'")
            constraint = "ledger_entry_key"

        refusal = as_owner(statement)

        assert refusal.diag.constraint_name == constraint
        assert purse.state() == before

    def test_may_not_have_a_sign_that_its_kind_does_not_have(
        self, purse: Purse, as_owner: Attack
    ) -> None:
        before = purse.state()

        for rule in EntryRule.objects.exclude(sign=0):
            refusal = as_owner(entry(purse, kind=f"'{rule.kind}'", amount=str(-rule.sign)))
            assert refusal.diag.constraint_name == "ledger_entry_rule", rule.kind

        assert purse.state() == before

    def test_may_not_book_against_another_channels_account(
        self, purse: Purse, as_owner: Attack
    ) -> None:
        stranger = LedgerEntry.objects.get(wallet=Purse("5").wallet)
        before = purse.state()

        refusal = as_owner(entry(purse, house=str(stranger.house_account_id)))

        assert refusal.diag.constraint_name == "ledger_entry_continues_wallet"
        assert purse.state() == before

    def test_may_not_reverse_an_entry_twice(self, purse: Purse, as_owner: Attack) -> None:
        reversal = purse.reverse("b-1")
        before = purse.state()

        refusal = as_owner(
            entry(
                purse,
                reverses=f"(SELECT reverses_id FROM wallet_ledgerentry WHERE id ="
                f" {reversal.entry_id})",
            )
        )

        assert refusal.diag.constraint_name == "ledger_entry_one_reversal"
        assert purse.state() == before

    @pytest.mark.parametrize(
        ("outcome", "code", "requested"),
        [
            ("applied", "", "2"),
            ("applied", "insufficient_funds", "1"),
            ("refused", "insufficient_funds", "1"),
            ("tombstone", "cancelled", "1"),
        ],
    )
    def test_may_not_move_money_by_another_outcome_than_applied(
        self, purse: Purse, as_owner: Attack, outcome: str, code: str, requested: str
    ) -> None:
        before = purse.state()

        refusal = as_owner(
            entry(purse).replace("'applied', '', 1", f"'{outcome}', '{code}', {requested}")
        )

        assert refusal.diag.constraint_name == "ledger_entry_outcome"
        assert purse.state() == before

    @pytest.mark.parametrize(("outcome", "code"), [("refused", ""), ("pending", "cancelled")])
    def test_may_not_refuse_without_a_reason_or_by_another_name(
        self, purse: Purse, as_owner: Attack, outcome: str, code: str
    ) -> None:
        refusal = as_owner(
            entry(purse, amount="0").replace("'applied', ''", f"'{outcome}', '{code}'")
        )

        assert refusal.diag.constraint_name == "ledger_entry_outcome"
