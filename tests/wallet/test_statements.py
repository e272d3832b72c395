"""Statements of account: what they add up to, and how they look as PDF and workbook."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from pypdf import PdfReader

from tests.wallet.money import new_channel, new_player, unique
from wallet import ledger
from wallet.exports.periods import Period
from wallet.models import Agent, EntryKind, Player
from wallet.statements import accounts
from wallet.statements.accounts import StatementTooLong, agent_statement, player_statement
from wallet.statements.pdf import format_money, write_pdf
from wallet.statements.workbook import write_workbook

pytestmark = pytest.mark.django_db


def post(player: Player, kind: EntryKind, amount: str) -> None:
    answer = ledger.post(
        wallet_id=player.wallets.get(type_id=0).pk,
        kind=kind,
        amount=Decimal(amount),
        source="test",
        reference=unique(),
    )
    assert answer.accepted


def since(moment: datetime) -> Period:
    return Period(moment, moment + timedelta(hours=1), "Asia/Shanghai")


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


class TestAPlayersStatement:
    def test_leads_from_the_opening_to_the_closing_balance(self) -> None:
        player = new_player("100", nickname="李华")
        begin = timezone.now()
        post(player, EntryKind.BET, "-30")
        post(player, EntryKind.PAYOUT, "0")
        post(player, EntryKind.PAYOUT, "58.5")

        (table,) = player_statement(player=player, period=since(begin)).tables

        assert [list(row[-2:]) for row in table.rows] == [
            ["", Decimal(100)],
            [Decimal(-30), Decimal(70)],
            [Decimal("58.5"), Decimal("128.5")],
        ]
        assert table.total[-2:] == (Decimal("28.5"), Decimal("128.5"))

    def test_leaves_out_wallets_that_never_held_anything(self) -> None:
        player = new_player()

        assert player_statement(player=player, period=since(timezone.now())).tables == []

    def test_is_refused_when_it_would_be_a_book(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(accounts, "LONGEST", 2)
        begin = timezone.now()
        player = new_player("100")
        for _ in range(2):
            post(player, EntryKind.BET, "-1")

        with pytest.raises(StatementTooLong, match="more than 2 lines"):
            player_statement(player=player, period=since(begin))


class TestAnAgentsStatement:
    def test_has_a_line_for_each_player_of_the_agent_and_of_those_below(self) -> None:
        channel = new_channel()
        agent = Agent.objects.create(channel=channel, agent_id="acme")
        below = Agent.objects.create(channel=channel, agent_id="acme01", parent=agent)
        first = new_player("100", channel=channel, agent=agent)
        second = new_player("10", channel=channel, agent=below)
        new_player("7", channel=channel)
        begin = timezone.now()
        post(first, EntryKind.BET, "-30")
        post(first, EntryKind.PAYOUT, "50")
        post(second, EntryKind.DEPOSIT, "5")
        post(second, EntryKind.ADJUSTMENT, "-1")

        statement = agent_statement(agent=agent, period=since(begin))

        (table,) = statement.tables
        lines = {row[0]: [str(cell) for cell in row[1:]] for row in table.rows}
        zero = "0.0000"
        assert {name: [Decimal(cell) for cell in cells] for name, cells in lines.items()} == {
            first.username: [Decimal(x) for x in ("100", "-30", "50", zero, zero, zero, "120")],
            second.username: [Decimal(x) for x in ("10", zero, zero, "5", zero, "-1", "14")],
        }
        assert list(table.total[1:]) == [
            Decimal(x) for x in ("110", "-30", "50", "5", "0", "-1", "134")
        ]


class TestTheFiles:
    @pytest.mark.parametrize(
        ("language", "title", "closing"),
        [("en", "Statement of account", "closing balance"), ("zh-hans", "对账单", "期末余额")],
    )
    def test_are_in_both_languages(self, language: str, title: str, closing: str) -> None:
        begin = timezone.now()
        player = new_player("1234567.89", nickname="李华 <b>")
        file = io.BytesIO()

        with translation.override(language):
            write_pdf(file, player_statement(player=player, period=since(begin)))

        text = text_of(file.getvalue())
        assert title in text
        assert closing in text
        assert "李华 <b>" in text
        assert "1,234,567.89" in text

    def test_say_when_nothing_moved(self) -> None:
        statement = player_statement(player=new_player(), period=since(timezone.now()))
        pdf, book = io.BytesIO(), io.BytesIO()

        write_pdf(pdf, statement)
        write_workbook(book, statement)

        assert "No movements." in text_of(pdf.getvalue())
        assert "No movements." in {
            cell for row in openpyxl.load_workbook(book).worksheets[0].values for cell in row
        }

    def test_hold_numbers_in_the_workbook(self) -> None:
        begin = timezone.now()
        player = new_player("100", nickname="=1+1")
        post(player, EntryKind.BET, "-30.5")
        file = io.BytesIO()

        write_workbook(file, player_statement(player=player, period=since(begin)))

        rows = list(openpyxl.load_workbook(file).worksheets[0].values)
        assert rows[1][1] == f"{player.username} =1+1"
        assert rows[-1][-2:] == (69.5, 69.5)
        assert rows[-2][-2:] == (-30.5, 69.5)


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            ("0", "0.00"),
            ("-1234.5000", "-1,234.50"),
            ("0.0001", "0.0001"),
            ("1200.0000", "1,200.00"),
        ],
    )
    def test_is_written_with_as_many_decimals_as_it_has(self, amount: str, text: str) -> None:
        assert format_money(Decimal(amount)) == text


class TestTheCommand:
    def run(self, path: Path, **options: Any) -> None:
        today = datetime.now(UTC).date().isoformat()
        arguments = {"since": today, "until": today, "timezone": "UTC", "player": None}
        call_command("statement", output=path, stdout=io.StringIO(), **(arguments | options))

    @pytest.mark.parametrize("format", ["pdf", "xlsx"])
    def test_writes_the_file(self, tmp_path: Path, format: str) -> None:  # noqa: A002
        player = new_player("100")
        path = tmp_path / f"out.{format}"

        self.run(path, channel=player.channel_id, player=player.username, format=format)

        assert path.read_bytes().startswith(b"%PDF" if format == "pdf" else b"PK")

    def test_refuses_unknown_players_and_impossible_periods(self, tmp_path: Path) -> None:
        player = new_player()
        path = tmp_path / "out.pdf"

        with pytest.raises(CommandError, match="has no “nobody”") as raised:
            self.run(path, channel=player.channel_id, player="nobody")
        assert raised.value.returncode == 2
        with pytest.raises(CommandError, match="ends before it begins") as raised:
            self.run(
                path,
                channel=player.channel_id,
                player=player.username,
                since="2026-02-02",
                until="2026-02-01",
            )
        assert raised.value.returncode == 2
        assert not path.exists()
