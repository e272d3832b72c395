"""manage.py report: the same rows as a file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from tests.reports.world import World
from wallet.models import EntryKind


def run(name: str, path: Path, **options: Any) -> str:
    output = io.StringIO()
    arguments = {"since": "2026-03-01", "until": "2026-03-02", "by": ("day",)} | options
    call_command("report", name, output=path, stdout=output, **arguments)
    return output.getvalue()


class TestTheCommand:
    def test_writes_the_daily_summary(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "out.csv"

        said = run("daily", path, channel=world.channel.pk)

        assert said == f"3 rows written to {path}; times are Asia/Shanghai.\n"
        assert list(csv.reader(path.read_text().splitlines())) == [
            ["day (Asia/Shanghai)", "currency", "bets", "stakes", "refunds", "payouts",
             "gross revenue", "bonuses", "adjustments", "active players"],
            ["2026-03-01", "CNY", "3", "190.5000", "0", "275.0000", "-84.5000", "0", "0", "2"],
            ["2026-03-02", "CNY", "1", "42.0000", "32.0000", "-85.0000", "95.0000", "5.0000",
             "20.0000", "2"],
            ["2026-03-02", "USD", "1", "60.0000", "0", "0", "60.0000", "0", "0", "1"],
        ]  # fmt: skip

    def test_writes_a_workbook_in_chinese(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "out.xlsx"

        run("daily", path, channel=world.channel.pk, by=("game", "agent"), format="xlsx",
            language="zh-hans")  # fmt: skip

        sheet = openpyxl.load_workbook(path).worksheets[0]
        header, *rows = sheet.values
        assert sheet.title == "每日汇总"
        assert header[:4] == ("渠道 ID", "代理 ID", "游戏", "币种")
        assert (world.channel.pk, world.amy.agent_id, "1 百家乐", "CNY", 2, 130, 30) in [
            row[:7] for row in rows
        ]

    @pytest.mark.parametrize("name", ["daily", "trial_balance", "negative", "large"])
    @pytest.mark.parametrize("file_format", ["csv", "xlsx"])
    def test_writes_every_report_in_every_format(
        self, world: World, tmp_path: Path, name: str, file_format: str
    ) -> None:
        world.ben.post(EntryKind.CLAWBACK, "-1100")
        path = tmp_path / "out"

        said = run(name, path, channel=world.channel.pk, format=file_format,
                   until="2027-02-01", least="1000")  # fmt: skip

        assert not said.startswith("0 rows")
        assert path.stat().st_size > 100

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"since": "2026-03-03"}, "ends before it begins"),
            ({"timezone": "Mars/Base", "since": None, "until": None}, "no time zone “Mars/Base”"),
            ({"channel": 999_999_999}, "There is no channel 999999999"),
            ({"by": ("colour",)}, "“colour” is nothing to group by"),
        ],
    )
    def test_refuses_a_request_that_makes_no_sense(
        self, world: World, tmp_path: Path, options: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(CommandError, match=message) as raised:
            run("daily", tmp_path / "out.csv", **options)

        assert raised.value.returncode == 2
        assert list(tmp_path.iterdir()) == []

    def test_says_when_the_file_cannot_be_written(self, world: World, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file or directory") as raised:
            run("daily", tmp_path / "absent" / "out.csv")

        assert raised.value.returncode == 3
