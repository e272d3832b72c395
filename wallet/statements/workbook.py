"""A statement as an Excel workbook, a sheet for each table."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import BinaryIO, Final

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from wallet.statements.accounts import Cell, Statement, Table

_OPTIONS: Final = {
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "in_memory": True,
}


def write_workbook(file: BinaryIO, statement: Statement) -> None:
    """Numbers are numbers, moments are dates, and no text is ever run. Raises OSError."""
    with Workbook(file, _OPTIONS) as book:
        formats = {
            Decimal: book.add_format({"num_format": "#,##0.00##"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            str: book.add_format(),
        }
        bold = book.add_format({"bold": True})
        if not statement.tables:
            _head(book.add_worksheet(), statement, _("No movements."), bold)
        for table in statement.tables:
            sheet = book.add_worksheet()
            row = _head(sheet, statement, table.title, bold)
            _fill(sheet, row, table, formats, bold)


def _head(sheet: Worksheet, statement: Statement, subtitle: str, bold: Format) -> int:
    """The title and the facts; the row below them."""
    sheet.write_string(0, 0, statement.title, bold)
    for number, (name, value) in enumerate(statement.facts, 1):
        sheet.write_string(number, 0, name)
        sheet.write_string(number, 1, value)
    row = len(statement.facts) + 2
    sheet.write_string(row, 0, subtitle, bold)
    return row + 1


def _fill(
    sheet: Worksheet, row: int, table: Table, formats: dict[type, Format], bold: Format
) -> None:
    for column, title in enumerate(table.columns):
        sheet.write_string(row, column, title, bold)
    sheet.freeze_panes(row + 1, 0)
    sheet.set_column(0, len(table.columns) - 1, 22)
    for number, cells in enumerate([*table.rows, table.total], row + 1):
        for column, cell in enumerate(cells):
            _write(sheet, number, column, cell, formats)


def _write(
    sheet: Worksheet, row: int, column: int, cell: Cell, formats: dict[type, Format]
) -> None:
    style = formats[type(cell)]
    if isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, style)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, style)
    else:
        sheet.write_string(row, column, cell, style)
