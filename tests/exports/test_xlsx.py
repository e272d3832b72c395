"""The ledger as an Excel workbook, read back by others: openpyxl, and LibreOffice if it is here."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.db.models import QuerySet
from openpyxl.workbook import Workbook

from wallet import ledger, players
from wallet.exports.columns import LEDGER
from wallet.exports.spreadsheet import write_xlsx
from wallet.models import Channel, EntryKind, LedgerEntry, Player

pytestmark = pytest.mark.django_db

COLUMNS = [column.name for column in LEDGER]
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture
def player() -> Player:
    channel = Channel.objects.create(pk=7, name="North", currency="CNY")
    return players.register(channel=channel, username="lily08")


def post(player: Player, *amounts: str, reason: str = "") -> None:
    for number, amount in enumerate(amounts):
        answer = ledger.post(
            wallet_id=player.wallets.get(type_id=0).pk,
            kind=EntryKind.ADJUSTMENT,
            amount=Decimal(amount),
            source="test",
            reference=f"{amount}/{number}",
            reason=reason,
            occurred_at=datetime(2026, 1, 31, 18, 0, 0, 250_000, UTC),
        )
        assert answer.accepted


def entries() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.order_by("id")


def opened(path: Path, form: str) -> None:
    """Have LibreOffice open the workbook and write it beside itself in another form."""
    subprocess.run(
        [
            *(str(SOFFICE), f"-env:UserInstallation=file://{path.parent}/profile", "--headless"),
            *("--convert-to", form, "--outdir", str(path.parent), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )


def written(path: Path, *, sheet_rows: int = 1_048_576) -> int:
    with path.open("wb") as file:
        counts = list(
            write_xlsx(
                file,
                entries(),
                LEDGER,
                zone="Asia/Shanghai",
                title="Ledger",
                sheet_rows=sheet_rows,
            )
        )
    return counts[-1]


def workbook(*, sheet_rows: int = 1_048_576) -> Workbook:
    file = io.BytesIO()
    for _ in write_xlsx(
        file, entries(), LEDGER, zone="Asia/Shanghai", title="Ledger", sheet_rows=sheet_rows
    ):
        pass
    return openpyxl.load_workbook(file)


class TestASheet:
    def test_has_numbers_dates_and_a_frozen_header(self, player: Player) -> None:
        post(player, "1000.01", "-0.5")

        sheet = workbook()["Ledger"]

        assert sheet.freeze_panes == "A2"
        header, first, second = sheet.iter_rows()
        assert [cell.value for cell in header][:3] == [
            "posted at (Asia/Shanghai)",
            "occurred at (Asia/Shanghai)",
            "entry",
        ]
        row = dict(zip(COLUMNS, first, strict=True))
        assert str(row["occurred_at"].value) == "2026-02-01 02:00:00.250000"
        assert row["occurred_at"].data_type == "d"
        assert (row["amount"].value, row["amount"].data_type) == (1000.01, "n")
        assert row["amount"].number_format == "#,##0.00##"
        assert (row["player"].value, row["kind"].value) == ("lily08", "adjustment")
        assert row["agent"].value is None
        assert dict(zip(COLUMNS, second, strict=True))["amount"].value == -0.5

    @pytest.mark.parametrize(
        "reason",
        ["=1+1", "+1", "-1", "@SUM(A1)", "<b>&amp;</b> \"'", "  spaces  ", "两行\n文字", "]]>"],
    )
    def test_keeps_text_as_the_text_that_it_is(self, player: Player, reason: str) -> None:
        post(player, "1", reason=reason)

        cell = workbook()["Ledger"].cell(2, COLUMNS.index("reason") + 1)

        assert (cell.value, cell.data_type) == (reason, "s")
        assert cell.quotePrefix

    def test_drops_characters_that_xml_cannot_hold(self, player: Player) -> None:
        post(player, "1", reason="a\x01b\x02c\x1fd\uffff")

        assert workbook()["Ledger"].cell(2, COLUMNS.index("reason") + 1).value == "abcd"


class TestAWorkbook:
    def test_goes_on_to_further_sheets(self, player: Player) -> None:
        post(player, "1", "2", "3", "4", "5")
        amount = COLUMNS.index("amount")

        book = workbook(sheet_rows=3)

        assert book.sheetnames == ["Ledger", "Ledger (2)", "Ledger (3)"]
        values = [
            [row[amount] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in book
        ]
        assert values == [[1, 2], [3, 4], [5]]
        assert {sheet.freeze_panes for sheet in book} == {"A2"}

    def test_that_is_just_full_has_no_empty_sheet(self, player: Player) -> None:
        post(player, "1", "2")

        assert workbook(sheet_rows=3).sheetnames == ["Ledger"]

    def test_without_rows_has_its_header(self) -> None:
        sheet = workbook()["Ledger"]

        assert (sheet.max_row, sheet.max_column) == (1, len(LEDGER))

    @pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
    def test_opens_in_libreoffice(self, player: Player, tmp_path: Path) -> None:
        post(player, "1000.01", "-0.5", reason="=1+1")
        assert written(tmp_path / "book.xlsx") == 2

        opened(tmp_path / "book.xlsx", "csv")

        lines = (tmp_path / "book.csv").read_text().splitlines()
        assert len(lines) == 3
        assert ",1000.01," in lines[1].replace('"1,000.01"', "1000.01")  # as the locale writes it
        assert "2026-02-01 02:00:00.250" in lines[1]
        assert lines[1].endswith("=1+1")

    @pytest.mark.skipif(not SOFFICE, reason="LibreOffice is not installed")
    def test_opens_in_libreoffice_with_all_its_sheets(self, player: Player, tmp_path: Path) -> None:
        post(player, "1", "2", "3")
        assert written(tmp_path / "book.xlsx", sheet_rows=3) == 3

        every_sheet = (
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
        )
        opened(tmp_path / "book.xlsx", every_sheet)

        sheets = {path.name: len(path.read_text().splitlines()) for path in tmp_path.glob("*.csv")}
        assert sheets == {"book-Ledger.csv": 3, "book-Ledger (2).csv": 2}
