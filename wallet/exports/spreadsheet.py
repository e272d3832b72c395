"""Rows as an Excel workbook: PostgreSQL writes the XML of each row, Python only zips it.

A sheet holds 1,048,576 rows; more go on to further sheets. Numbers are numbers and moments are
dates, so that a spreadsheet can add and sort them; text is stored as text, which no spreadsheet
runs as a formula.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, QuerySet, TextField, Value

from wallet.exports.columns import Column, Kind
from wallet.exports.copying import copy_rows

LARGEST_SHEET: Final = 1_048_576
CHUNK: Final = 256 * 1024
# Level 1 costs a quarter of level 6 and makes the file a fifth larger.
COMPRESSION: Final = 1

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
# Control characters quote and part the columns of COPY, and are dropped on arrival: XML has none.
_COPY_OPTIONS: Final = ", QUOTE E'\\x01', DELIMITER E'\\x02'"
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13})
_NO_CHARACTERS: Final = ("\ufffe".encode(), "\uffff".encode())
_END_OF_SHEET: Final = b"</sheetData></worksheet>"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WIDTHS: Final = {Kind.TIME: 23, Kind.TEXT: 24, Kind.NUMBER: 15, Kind.MONEY: 18, Kind.CODE: 14}
# The order is that of _STYLES: 0 as it is, 1 bold header, 2 moment, 3 money, 4 text.
_STYLE_OF: Final = {Kind.TIME: 2, Kind.MONEY: 3, Kind.TEXT: 4}
_STYLES: Final = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss.000"/>'
    '<numFmt numFmtId="165" formatCode="#,##0.00##"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="5"><xf/>'
    '<xf fontId="1" applyFont="1"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="165" applyNumberFormat="1"/><xf numFmtId="49" quotePrefix="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


class _Cell(Func):
    """The XML of one cell; an empty one for NULL."""

    output_field = TextField()
    arity = 1


class _Number(_Cell):
    template = "coalesce('<c><v>' || %(expressions)s || '</v></c>', '<c/>')"


class _Money(_Cell):
    template = "coalesce('<c s=\"3\"><v>' || %(expressions)s || '</v></c>', '<c/>')"


class _Code(_Cell):
    template = (
        "coalesce('<c t=\"inlineStr\"><is><t>' || %(expressions)s || '</t></is></c>', '<c/>')"
    )


class _Text(_Cell):
    """Control characters, which XML cannot hold, go when the rows arrive."""

    template = (
        'coalesce(\'<c s="4" t="inlineStr"><is><t xml:space="preserve">\' ||'
        " replace(replace(replace(%(expressions)s, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')"
        " || '</t></is></c>', '<c/>')"
    )


class _Moment(Func):
    """Days since the end of 1899, as Excel counts them."""

    template = (
        "coalesce('<c s=\"2\"><v>' || (date_part('epoch', %(expressions)s) / 86400 + 25569)"
        " || '</v></c>', '<c/>')"
    )
    arg_joiner = " AT TIME ZONE "
    output_field = TextField()
    arity = 2


class _Row(Func):
    template = "'<row>' || %(expressions)s || '</row>'"
    arg_joiner = " || "
    output_field = TextField()


_CELLS: Final = {Kind.NUMBER: _Number, Kind.MONEY: _Money, Kind.CODE: _Code, Kind.TEXT: _Text}


def _cell(column: Column, zone: str) -> Func:
    if column.kind is Kind.TIME:
        return _Moment(F(column.path), Value(zone))
    return _CELLS[column.kind](F(column.path))


def write_xlsx(
    file: BinaryIO,
    queryset: QuerySet[Any],
    columns: Sequence[Column],
    *,
    zone: str,
    title: str,
    using: BaseDatabaseWrapper | None = None,
    sheet_rows: int = LARGEST_SHEET,
) -> Iterator[int]:
    """Write the workbook as it is iterated; yields how many rows there are so far.

    The rows are those of the queryset, in its order and of one snapshot. Raises OSError and
    django.db's errors.
    """
    query = queryset.values_list(_Row(*(_cell(column, zone) for column in columns)))
    rows = copy_rows(query, options=_COPY_OPTIONS, using=using)
    begin = _begin_of_sheet(columns, zone)
    total = sheets = 0
    row = next(rows, None)
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        while row is not None or not sheets:
            sheets += 1
            with archive.open(_sheet_name(sheets), "w", force_zip64=True) as sheet:
                waiting = bytearray(begin)
                room = sheet_rows - 1
                while row is not None and room:
                    waiting += row
                    total += 1
                    room -= 1
                    if len(waiting) >= CHUNK:
                        sheet.write(_xml(waiting))
                        waiting.clear()
                        yield total
                    row = next(rows, None)
                sheet.write(_xml(waiting) + _END_OF_SHEET)
        for name, content in _other_parts(title, sheets):
            archive.writestr(name, content)
    yield total


def _xml(rows: bytearray) -> bytes:
    """The rows without the characters that XML does not know."""
    clean = bytes(rows.translate(None, _CONTROLS))
    for character in _NO_CHARACTERS:
        clean = clean.replace(character, b"")
    return clean


def _begin_of_sheet(columns: Sequence[Column], zone: str) -> bytes:
    widths = "".join(
        f'<col min="{number}" max="{number}" width="{_WIDTHS[column.kind]}" customWidth="1"/>'
        for number, column in enumerate(columns, 1)
    )
    titles = "".join(
        f'<c s="1" t="inlineStr"><is><t>{escape(column.title(zone))}</t></is></c>'
        for column in columns
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
        f"</sheetView></sheetViews><cols>{widths}</cols><sheetData><row>{titles}</row>\n"
    ).encode()


def _sheet_name(number: int) -> str:
    return f"xl/worksheets/sheet{number}.xml"


def _other_parts(title: str, sheets: int) -> Iterator[tuple[str, str]]:
    """What makes the sheets a workbook."""
    numbers = range(1, sheets + 1)
    names = [title if number == 1 else f"{title} ({number})" for number in numbers]
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="sheet{number}"/>'
            for number, name in zip(numbers, names, strict=True)
        )
        + "</sheets></workbook>",
    )
    yield "xl/styles.xml", _STYLES
    yield (
        "xl/_rels/workbook.xml.rels",
        _relations(
            {f"sheet{number}": f"worksheets/sheet{number}.xml" for number in numbers}
            | {"styles": "styles.xml"}
        ),
    )
    yield "_rels/.rels", _relations({"officeDocument": "xl/workbook.xml"})
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels"'
        ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
        + "".join(
            f'<Override PartName="/{_sheet_name(number)}" ContentType="{_TYPE}.worksheet+xml"/>'
            for number in numbers
        )
        + "</Types>",
    )


def _relations(targets: dict[str, str]) -> str:
    return (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="{name}" Target="{target}"'
            f' Type="{_OFFICE}/{"worksheet" if name.startswith("sheet") else name}"/>'
            for name, target in targets.items()
        )
        + "</Relationships>"
    )
