"""Seals cover every finished entry once and break when one changes."""

from typing import Any

import psycopg
import pytest

from tests.wallet.money import Purse, connect, finish_transactions
from wallet import seals, verification
from wallet.models import EntryKind, Seal


def unsealed(purse: Purse) -> int:
    with connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM wallet_ledgerentry e WHERE wallet_id = %s AND NOT EXISTS"
            " (SELECT FROM wallet_seal s WHERE e.xact >= s.from_xact AND e.xact < s.until_xact)",
            [purse.wallet.pk],
        ).fetchone()
    assert row is not None
    return int(row[0])


class TestSeals:
    def test_cover_every_finished_entry_once_and_hold(self, purse: Purse) -> None:
        finish_transactions()

        seals.seal()

        assert unsealed(purse) == 0
        assert verification.verify().passed

    def test_leave_out_what_an_unfinished_transaction_may_still_add(self, purse: Purse) -> None:
        with connect("backoffice_owner") as connection:
            connection.autocommit = False
            connection.execute(
                "SELECT ledger_post(%s::bigint, 'deposit', 1::numeric, 'open', 'o-1')",
                [purse.wallet.pk],
            )
            later = Purse("1")  # begun after, committed before
            seals.seal()
            assert unsealed(later) == 1
            connection.commit()
        finish_transactions()

        seals.seal()

        assert (unsealed(later), unsealed(purse)) == (0, 0)
        assert verification.verify().passed

    def test_are_cut_into_blocks_and_chained(
        self, purse: Purse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finish_transactions()
        seals.seal()
        last = Seal.objects.order_by("-id").first()
        monkeypatch.setattr(seals, "BLOCK", 3)
        for _ in range(7):
            purse.post(EntryKind.DEPOSIT, "1")
        finish_transactions()

        assert seals.seal() == 7

        new = Seal.objects.filter(id__gt=last.pk if last else 0).order_by("id")
        assert [seal.entries for seal in new] == [3, 3, 1]
        assert [seal.from_xact for seal in new][1:] == [seal.until_xact for seal in new][:-1]

    @pytest.mark.parametrize("column", ["reason", "reference", "detail"])
    def test_break_when_anything_of_an_entry_changes(
        self, purse: Purse, tamper: psycopg.Connection[Any], column: str
    ) -> None:
        finish_transactions()
        seals.seal()
        value = "'\"x\"'::jsonb" if column == "detail" else "'x'"
        tamper.execute(
            f"UPDATE wallet_ledgerentry SET {column} = {value}"
            f" WHERE wallet_id = {purse.wallet.pk} AND reference = 'b-1'"
        )

        broken = tamper.execute(
            "SELECT count(*) FROM wallet_seal WHERE NOT ledger_seal_holds(id)"
        ).fetchone()

        assert broken == (1,)
