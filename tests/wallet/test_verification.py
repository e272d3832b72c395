"""verify_ledger finds what is wrong, wherever a superuser has been at work, and only that."""

from typing import Any

import psycopg
import pytest

from tests.wallet.attacks import Tampered
from tests.wallet.money import Purse, money, unique
from wallet import ledger, verification
from wallet.guards import GUARDED, GUARDS
from wallet.models import EntryKind, Verification
from wallet.proofs import CHECKS, KINDS


@pytest.fixture
def purse(committed_db: None) -> Purse:
    purse = Purse("1000")
    purse.bet("-80", "b-1", round_code="r")
    purse.bet("-5000", "b-2")
    purse.post(EntryKind.PAYOUT, "30", reference="p-1", round_code="r")
    purse.post(EntryKind.HOLD, "-100", reference="h-1")
    purse.post(EntryKind.RELEASE, "40", reference="r-1", holds=["h-1"])
    purse.bet("-10", "b-3")
    purse.reverse("b-3", "refund-3")
    purse.reverse("t-1")
    purse.post(EntryKind.CLAWBACK, "-2000", reference="c-1")
    purse.post(EntryKind.DEPOSIT, "10")  # still below zero, which only debits must not cause
    side = Purse(player=purse.player, type_id=4)
    purse.post(EntryKind.DEPOSIT, "3000")
    ledger.transfer(
        from_wallet_id=purse.wallet.pk,
        to_wallet_id=side.wallet.pk,
        amount=money(15),
        reference=unique(),
    )
    return purse


def differences(purse: Purse) -> dict[str, list[str]]:
    run = verification.verify(channel_id=purse.player.channel_id)
    found = {c["check"].split(":")[0]: c["first"] for c in run.report["checks"] if c["differences"]}
    assert run.passed is not bool(found)
    return found


class TestASoundLedger:
    def test_has_no_differences(self, purse: Purse) -> None:
        assert differences(purse) == {}

    def test_is_recorded_as_verified(self, purse: Purse) -> None:
        run = verification.verify(channel_id=purse.player.channel_id)

        stored = Verification.objects.get(pk=run.pk)
        assert (stored.passed, stored.channel_number) == (True, purse.player.channel_id)
        assert stored.report["counts"] == {"wallets": 7, "entries": 14, "holds": 1}

    def test_reports_its_progress(self, purse: Purse) -> None:
        steps: list[tuple[int, int]] = []

        verification.verify(progress=lambda done, total, what: steps.append((done, total)))

        assert steps[0][0] == 0
        assert steps == sorted(steps)
        assert all(done < total for done, total in steps)


ENTRY = "UPDATE wallet_ledgerentry SET {} WHERE wallet_id = {} AND reference = '{}'"
WALLET = "UPDATE wallet_wallet SET {} WHERE id = {}"
SAME = (
    "(SELECT x.{} FROM wallet_ledgerentry x"
    " WHERE x.wallet_id = wallet_ledgerentry.wallet_id AND x.reference = '{}')"
)
HOLD = "UPDATE wallet_hold SET {} WHERE wallet_id = {}"


class TestATamperedLedger:
    @pytest.mark.parametrize(
        ("change", "undo", "check"),
        [
            ("balance = balance + 1", "balance = balance - 1", "Every wallet"),
            ("version = version + 1", "version = version - 1", "Every wallet"),
            ("held = held + 1", "held = held - 1", "Every wallet's withheld money"),
        ],
    )
    def test_shows_a_wallet_that_was_changed(
        self, purse: Purse, tamper: psycopg.Connection[Any], change: str, undo: str, check: str
    ) -> None:
        statement = [WALLET.format(part, purse.wallet.pk) for part in (change, undo)]

        with Tampered(tamper, statement[0], statement[1]):
            found = differences(purse)

        assert check in found
        assert str(purse.wallet.pk) in found[check][0]
        assert differences(purse) == {}

    @pytest.mark.parametrize(
        ("reference", "change", "undo", "check"),
        [
            ("b-1", "amount = amount - 1", "amount = amount + 1", "Every wallet"),
            (
                "b-1",
                "amount = amount - 1, requested = requested - 1, balance_after = balance_after - 1",
                "amount = amount + 1, requested = requested + 1, balance_after = balance_after + 1",
                "Every wallet",
            ),
            ("b-1", "requested = -81", "requested = -80", "Every entry"),
            ("b-1", "balance_after = 919", "balance_after = 920", "Every wallet"),
            ("b-1", "sequence = 900", "sequence = 2", "Every wallet"),
            ("b-1", "player_id = player_id + 1", "player_id = player_id - 1", "Every wallet"),
            ("b-1", "kind = 'payout'", "kind = 'bet'", "Every entry"),
            ("p-1", "kind = 'bet'", "kind = 'payout'", "Every entry"),
            ("b-2", "outcome = 'applied'", "outcome = 'refused'", "Every entry"),
            ("b-2", "code = ''", "code = 'insufficient_funds'", "Every entry"),
            ("b-1", "code = 'cancelled'", "code = ''", "Every entry"),
            ("c-1", "kind = 'bet'", "kind = 'clawback'", "Every entry"),
            (
                "b-1",
                "house_account_id = -1",
                f"house_account_id = {SAME.format('house_account_id', 'b-3')}",
                "Every entry",
            ),
            (
                "refund-3",
                "reverses_id = NULL",
                f"reverses_id = {SAME.format('id', 'b-3')}",
                "Every entry",
            ),
            (
                "refund-3",
                f"reverses_id = {SAME.format('id', 'b-1')}",
                f"reverses_id = {SAME.format('id', 'b-3')}",
                "Every reversal",
            ),
        ],
    )
    def test_shows_an_entry_that_was_changed(
        self,
        purse: Purse,
        tamper: psycopg.Connection[Any],
        reference: str,
        change: str,
        undo: str,
        check: str,
    ) -> None:
        statement = [ENTRY.format(part, purse.wallet.pk, reference) for part in (change, undo)]
        tamper.execute(statement[0])

        found = differences_within(tamper, purse)

        assert check in found
        tamper.rollback()
        assert differences(purse) == {}

    def test_shows_an_entry_that_was_reversed_twice(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute("DROP INDEX ledger_entry_one_reversal")
        tamper.execute(
            "INSERT INTO wallet_ledgerentry"
            " SELECT (jsonb_populate_record(e, jsonb_build_object("
            "     'id', -e.id, 'reference', 'again', 'sequence', 99))).*"
            "   FROM wallet_ledgerentry e WHERE wallet_id = %s AND reference = 'refund-3'",
            [purse.wallet.pk],
        )

        assert len(differences_within(tamper, purse)["Every reversal"]) == 2

    def test_shows_an_entry_in_a_wallet_of_another_channel(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        stranger = Purse("5")
        tamper.execute(
            "UPDATE wallet_ledgerentry SET channel_id = %s WHERE wallet_id = %s AND sequence = 1",
            [stranger.player.channel_id, purse.wallet.pk],
        )

        found = differences_within(tamper, purse)

        assert str(purse.wallet.pk) in found["Every wallet"][0]

    def test_shows_refusals_that_neighbours_hide_in_other_channels(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        purse.bet("-6000", "n-1")
        purse.bet("-6000", "n-2")
        for reference, channel in (("n-1", 1), ("n-2", -1)):
            tamper.execute(
                "UPDATE wallet_ledgerentry SET channel_id = channel_id + %s"
                " WHERE wallet_id = %s AND reference = %s",
                [channel, purse.wallet.pk, reference],
            )

        found = differences_within(tamper, purse)

        assert str(purse.wallet.pk) in found["Every wallet"][0]

    def test_shows_entries_that_were_merely_swapped(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute(
            "UPDATE wallet_ledgerentry SET sequence = -sequence WHERE wallet_id = %s"
            " AND sequence IN (2, 3)",
            [purse.wallet.pk],
        )
        tamper.execute(
            "UPDATE wallet_ledgerentry SET sequence = 5 + sequence WHERE wallet_id = %s"
            " AND sequence < 0",
            [purse.wallet.pk],
        )

        assert "Every wallet" in differences_within(tamper, purse)

    def test_shows_an_entry_that_was_removed(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute(
            "DELETE FROM wallet_ledgerentry WHERE wallet_id = %s AND reference = 'b-2'",
            [purse.wallet.pk],
        )

        assert "Every wallet" in differences_within(tamper, purse)

    def test_shows_a_hold_that_does_not_add_up(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute(HOLD.format("remaining = remaining + 1", purse.wallet.pk))

        found = differences_within(tamper, purse)

        assert {"Every hold", "Every wallet's withheld money"} <= found.keys()

    def test_shows_a_release_without_its_return(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute(
            "DELETE FROM wallet_holdreturn r USING wallet_ledgerentry e"
            " WHERE e.id = r.entry_id AND e.wallet_id = %s",
            [purse.wallet.pk],
        )

        assert "Every release" in differences_within(tamper, purse)

    def test_shows_half_a_transfer(self, purse: Purse, tamper: psycopg.Connection[Any]) -> None:
        tamper.execute(
            "DELETE FROM wallet_ledgerentry WHERE kind = 'transfer_in' AND player_id = %s",
            [purse.player.pk],
        )

        assert "Every transfer between own wallets" in differences_within(tamper, purse)

    def test_shows_a_guard_that_was_switched_off(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        tamper.execute("ALTER TABLE wallet_ledgerentry DISABLE TRIGGER immutable")

        found = differences_within(tamper, purse)

        assert found["The database's guards"] == [
            "trigger immutable on wallet_ledgerentry is missing or switched off"
        ]


def differences_within(connection: psycopg.Connection[Any], purse: Purse) -> dict[str, list[str]]:
    """What the checks say inside a transaction that is never committed."""
    scopes = verification._scopes(purse.player.channel_id, None)
    params = dict(scopes.params)
    row = connection.execute(KINDS.format(**scopes.conditions), params).fetchone()
    assert row is not None
    params["kinds"] = row[0]
    found = {}
    for check, sql in CHECKS.items():
        rows = connection.execute(sql.format(**scopes.conditions), params).fetchall()
        if rows:
            found[check.split(":")[0]] = [text for (text,) in rows]
    tables, names = zip(*GUARDED, strict=True)
    if rows := connection.execute(GUARDS, [list(tables), list(names)]).fetchall():
        found["The database's guards"] = [text for (text,) in rows]
    return found
