"""A statement as PDF, with the Chinese font that every PDF reader brings along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, BinaryIO, Final
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle
from reportlab.platypus import Table as Grid

from wallet.statements.accounts import Cell, Statement, Table

FONT: Final = "STSong-Light"
WIDE: Final = 6  # columns from which the page lies on its side
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
_TITLE: Final = ParagraphStyle("title", fontName=FONT, fontSize=16, leading=22)
_HEADING: Final = ParagraphStyle("heading", fontName=FONT, fontSize=11, leading=18, spaceBefore=8)
_SMALL: Final = ParagraphStyle("small", fontName=FONT, fontSize=8, leading=10, wordWrap="CJK")


def write_pdf(file: BinaryIO, statement: Statement) -> None:
    """Raises OSError."""
    wide = any(len(table.columns) > WIDE for table in statement.tables)
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4) if wide else A4,
        title=statement.title,
        author=statement.facts[0][1],
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=18 * mm,
    )
    story: list[Any] = [Paragraph(escape(statement.title), _TITLE), _facts(statement.facts)]
    for table in statement.tables:
        story += [Paragraph(escape(table.title), _HEADING), _grid(table, document.width)]
    if not statement.tables:
        story += [Spacer(1, 8 * mm), Paragraph(escape(_("No movements.")), _HEADING)]
    document.build(story, onFirstPage=_footer, onLaterPages=_footer)


def _facts(facts: Sequence[tuple[str, str]]) -> Grid:
    rows = [[Paragraph(escape(text), _SMALL) for text in fact] for fact in facts]
    return Grid(rows, colWidths=[40 * mm, 130 * mm], hAlign="LEFT")


def _grid(table: Table, width: float) -> LongTable:
    numeric = [isinstance(cell, Decimal) for cell in table.total]
    share = [1.0 if number else 1.3 for number in numeric]
    rows = [
        list(table.columns),
        *[[_text(cell) for cell in row] for row in table.rows],
        [_text(cell) for cell in table.total],
    ]
    style = TableStyle(
        [
            ("FONT", (0, 0), (-1, -1), FONT, 8),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
            ("LINEABOVE", (0, -1), (-1, -1), 0.5, colors.black),
            ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
            *[
                ("ALIGN", (column, 0), (column, -1), "RIGHT")
                for column, number in enumerate(numeric)
                if number
            ],
        ]
    )
    widths = [width * part / sum(share) for part in share]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=style)


def _text(cell: Cell) -> Any:
    if isinstance(cell, Decimal):
        return format_money(cell)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return Paragraph(escape(cell), _SMALL) if cell else ""


def format_money(amount: Decimal) -> str:
    """With thousands and as many decimals as there are, but two at least."""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:,.{places}f}"


def _footer(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(FONT, 8)
    canvas.drawRightString(
        document.pagesize[0] - 15 * mm, 10 * mm, _("page %(number)d") % {"number": document.page}
    )
