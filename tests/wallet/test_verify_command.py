"""manage.py verify_ledger tells a person, or a program, whether the ledger holds."""

import io
import json
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from tests.wallet.attacks import Tampered
from tests.wallet.money import Purse

BALANCE = "UPDATE wallet_wallet SET balance = balance + {} WHERE id = {}"


class TestTheCommand:
    def run(self, *arguments: str) -> str:
        output = io.StringIO()
        call_command("verify_ledger", *arguments, stdout=output)
        return output.getvalue()

    def test_prints_counts_and_verdicts(self, purse: Purse) -> None:
        printed = self.run("--channel", str(purse.player.channel_id))

        assert "Every wallet" in printed
        assert "differ" not in printed.replace("differences", "")

    def test_answers_json(self, purse: Purse) -> None:
        report = json.loads(self.run("--json", "--since", "2020-01-01"))

        assert report["passed"] is True

    def test_fails_and_names_the_first_differences(
        self, purse: Purse, tamper: psycopg.Connection[Any]
    ) -> None:
        number = purse.wallet.pk
        with (
            Tampered(
                tamper,
                BALANCE.format(1, number),
                BALANCE.format(-1, number),
            ),
            pytest.raises(CommandError, match="differences") as failure,
        ):
            self.run("--channel", str(purse.player.channel_id))

        assert failure.value.returncode == 1

    def test_refuses_an_unknown_channel_and_an_impossible_moment(self, purse: Purse) -> None:
        with pytest.raises(CommandError, match="no channel -999999"):
            self.run("--channel", "-999999")
        with pytest.raises(CommandError, match="no moment"):
            self.run("--since", "2026-02-31")
