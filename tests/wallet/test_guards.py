"""What PostgreSQL refuses, whoever asks: the application's role, and even the tables' owner."""

import psycopg
import pytest
from django.db import IntegrityError

from tests.wallet.attacks import Attack, entry
from tests.wallet.money import Purse, connect
from wallet import ledger
from wallet.guards import GUARDED
from wallet.ledger import named_error

# Tables in the order: what must never be rewritten.
IMMUTABLE = (
    "wallet_ledgerentry",
    "wallet_holdreturn",
    "wallet_failedstake",
    "wallet_seal",
    "wallet_houseaccount",
    "wallet_adjustmentdecision",
)


class TestTheApplicationsRole:
    @pytest.mark.parametrize("table", [*IMMUTABLE, "wallet_hold", "wallet_wallet"])
    @pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
    def test_may_not_change_what_was_written(
        self, as_application: Attack, table: str, verb: str
    ) -> None:
        statement = verb.format(table).replace(
            "SET id = id",
            "SET entry_id = entry_id"
            if table == "wallet_hold"
            else "SET stake_id = stake_id"
            if table == "wallet_failedstake"
            else "SET id = id",
        )

        assert isinstance(as_application(statement), psycopg.errors.InsufficientPrivilege)

    def test_may_not_insert_an_entry_of_its_own(self, purse: Purse, as_application: Attack) -> None:
        before = purse.state()

        refusal = as_application(entry(purse))

        assert isinstance(refusal, psycopg.errors.InsufficientPrivilege)
        assert purse.state() == before

    def test_may_not_switch_the_guards_off(self, as_application: Attack) -> None:
        for statement in (
            "ALTER TABLE wallet_ledgerentry DISABLE TRIGGER ALL",
            "SET session_replication_role = replica",
            "DROP TRIGGER immutable ON wallet_ledgerentry",
        ):
            assert isinstance(as_application(statement), psycopg.errors.InsufficientPrivilege)

    @pytest.mark.parametrize(
        "table", ["wallet_channel", "wallet_player", "wallet_subchannel", "wallet_agent"]
    )
    def test_may_not_delete_what_money_hangs_on(self, as_application: Attack, table: str) -> None:
        refusal = as_application(f"DELETE FROM {table}")

        assert isinstance(refusal, psycopg.errors.InsufficientPrivilege)


class TestTheOwnerOfTheTables:
    @pytest.mark.parametrize("table", [*IMMUTABLE, "wallet_hold", "wallet_wallet"])
    def test_may_not_truncate(self, as_owner: Attack, table: str) -> None:
        refusal = as_owner(f"TRUNCATE {table} CASCADE")

        assert refusal.diag.constraint_name == "ledger_immutable"

    def test_may_not_update_or_delete_an_entry(self, purse: Purse, as_owner: Attack) -> None:
        before = purse.state()

        for statement in (
            f"UPDATE wallet_ledgerentry SET amount = 1 WHERE wallet_id = {purse.wallet.pk}",
            f"DELETE FROM wallet_ledgerentry WHERE wallet_id = {purse.wallet.pk}",
            "UPDATE wallet_holdreturn SET amount = 1",
            "DELETE FROM wallet_holdreturn",
            "DELETE FROM wallet_failedstake",
        ):
            assert as_owner(statement).diag.constraint_name == "ledger_immutable"
        assert purse.state() == before

    @pytest.mark.parametrize("column", ["balance", "held", "version"])
    def test_may_not_move_a_balance_without_an_entry(
        self, purse: Purse, as_owner: Attack, column: str
    ) -> None:
        before = purse.state()

        refusal = as_owner(
            f"UPDATE wallet_wallet SET {column} = {column} + 1 WHERE id = {purse.wallet.pk}"
        )

        assert refusal.diag.constraint_name == "ledger_balance_needs_entry"
        assert purse.state() == before

    def test_may_not_open_a_wallet_with_money(self, purse: Purse, as_owner: Attack) -> None:
        refusal = as_owner(
            "INSERT INTO wallet_wallet"
            " (channel_id, player_id, type_id, currency, balance, held, version, created_at)"
            f" VALUES ({purse.player.channel_id}, {purse.player.pk}, 0, 'CNY', 5, 0, 0, now())"
        )

        assert refusal.diag.constraint_name == "ledger_balance_needs_entry"

    def test_may_not_change_a_hold_by_hand(self, purse: Purse, as_owner: Attack) -> None:
        for statement in (
            f"UPDATE wallet_hold SET remaining = 0 WHERE wallet_id = {purse.wallet.pk}",
            f"INSERT INTO wallet_hold VALUES (1, {purse.wallet.pk}, 1, 1)",
        ):
            assert as_owner(statement).diag.constraint_name == "ledger_balance_needs_entry"
        assert as_owner("DELETE FROM wallet_hold").diag.constraint_name == "ledger_immutable"
        assert purse.held == 60

    def test_may_not_return_more_than_was_withheld(self, purse: Purse, as_owner: Attack) -> None:
        refusal = as_owner(
            "INSERT INTO wallet_holdreturn (entry_id, hold_id, amount)"
            " SELECT e.id, h.entry_id, 61 FROM wallet_hold h JOIN wallet_ledgerentry e"
            f" ON e.wallet_id = h.wallet_id AND e.reference = 'p-1'"
            f" WHERE h.wallet_id = {purse.wallet.pk}"
        )

        assert refusal.diag.constraint_name == "hold_remaining"
        assert purse.held == 60

    def test_may_not_change_a_players_currency_or_delete_what_has_entries(
        self, purse: Purse, as_owner: Attack
    ) -> None:
        for statement in (
            f"UPDATE wallet_player SET currency = 'USD' WHERE id = {purse.player.pk}",
            f"DELETE FROM wallet_player WHERE id = {purse.player.pk}",
            f"DELETE FROM wallet_channel WHERE id = {purse.player.channel_id}",
        ):
            assert isinstance(as_owner(statement), psycopg.errors.ForeignKeyViolation)
        assert (
            as_owner(f"DELETE FROM wallet_wallet WHERE id = {purse.wallet.pk}").diag.constraint_name
            == "ledger_immutable"
        )


class TestTheGuards:
    def test_are_all_on_the_list_that_the_verification_checks(self, committed_db: None) -> None:
        with connect() as connection:
            rows = connection.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal"
                " AND tgrelid::regclass::text ~ '^(wallet|auth)_'"
            ).fetchall()

        assert {(table, str(name)) for table, name in rows} == set(GUARDED)


class TestARefusalOfTheDatabase:
    @pytest.mark.parametrize(
        ("constraint", "expected"),
        [
            ("ledger_immutable", ledger.ImmutableEntry),
            ("ledger_balance_needs_entry", ledger.BalanceNeedsEntry),
            ("ledger_entry_floor", ledger.BelowFloor),
            ("ledger_entry_continues_wallet", ledger.BrokenChain),
            ("ledger_entry_key", ledger.DuplicateEntry),
            ("ledger_entry_one_reversal", ledger.DuplicateEntry),
        ],
    )
    def test_has_a_name_in_python(
        self, committed_db: None, constraint: str, expected: type[Exception]
    ) -> None:
        with connect() as connection, pytest.raises(psycopg.Error) as refusal:
            connection.execute(
                "DO $$ BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = 'check_violation',"
                f" CONSTRAINT = '{constraint}'; END $$"
            )
        error = IntegrityError("refused")
        error.__cause__ = refusal.value

        assert type(named_error(error)) is expected

    def test_without_a_name_stays_what_it_is(self) -> None:
        error = IntegrityError("other")

        assert named_error(error) is error
