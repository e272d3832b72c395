"""The comparison from the command line."""

from __future__ import annotations

import io
from datetime import UTC
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from providers.simulators.faults import Fault
from tests.providers.conftest import Service
from tests.providers.reconciliation.days import (
    FILE,
    ZONE,
    record,
)
from tests.wallet.money import Purse
from wallet.models import Channel, Reconciliation, ReconciliationItem
from wallet.reconciliation import runs


class TestTheCommand:
    def run(self, *arguments: str) -> str:
        output = io.StringIO()
        day = timezone.localtime(timezone=UTC if ZONE == "UTC" else None).date().isoformat()
        call_command(
            "reconcile", "ebet", *arguments, timezone=ZONE, stdout=output,
            **({} if "--day" in arguments else {"day": day}),
        )  # fmt: skip
        return output.getvalue()

    def test_prints_that_nothing_differs(self, purse: Purse, channel: Channel) -> None:
        said = self.run("--channel", str(channel.pk))

        assert "5 records here, 4 there" in said
        assert said.endswith("No differences to resolve.\n")

    def test_fails_while_differences_are_unresolved(
        self, purse: Purse, channel: Channel, ebet: Service, admin_id: int, tmp_path: Path
    ) -> None:
        ebet.simulator.rules["seq_nos"].append(record("x-1"))

        with pytest.raises(CommandError, match="1 differences to resolve") as failure:
            self.run("--channel", str(channel.pk))
        assert failure.value.returncode == 1
        item = ReconciliationItem.objects.get()
        runs.resolve(item_id=item.pk, user_id=admin_id, reason="known")

        assert "missing: x-1 lily08, resolved: known" in self.run("--channel", str(channel.pk))

    def test_reads_a_file(self, purse: Purse, channel: Channel, tmp_path: Path) -> None:
        path = tmp_path / "ebet.csv"
        path.write_text(FILE)

        assert "No differences" in self.run("--channel", str(channel.pk), "--file", str(path))

    @pytest.mark.parametrize(
        ("arguments", "message", "code"),
        [
            (["--channel", "999999"], "There is no channel 999999", 2),
            (["--day", "2026-02-30"], "That is no day", 2),
            (["--day", "2999-01-01"], "has not begun", 2),
            (["--file", "/absent.csv"], "/absent.csv cannot be read: No such file", 2),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, purse: Purse, channel: Channel, arguments: list[str], message: str, code: int
    ) -> None:
        with pytest.raises(CommandError, match=message) as failure:
            self.run(*(["--channel", str(channel.pk)] if "--channel" not in arguments else []),
                     *arguments)  # fmt: skip

        assert failure.value.returncode == code
        assert not Reconciliation.objects.exists()

    def test_says_when_the_day_could_not_be_compared(
        self, purse: Purse, channel: Channel, ebet: Service
    ) -> None:
        ebet.simulator.faults.add(Fault(kind="status", value=500, times=0))

        with pytest.raises(CommandError, match="HTTP 500") as failure:
            self.run("--channel", str(channel.pk))

        assert failure.value.returncode == 3
