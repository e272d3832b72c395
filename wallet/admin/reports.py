"""The pages of the reports: tables and charts, with a way to the entries behind each figure."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wallet import totals
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import moment, money
from wallet.admin.reports_charts import charts_of
from wallet.admin.reports_form import AskForm
from wallet.admin.reports_links import link_of
from wallet.exports.columns import Column, Kind
from wallet.exports.formats import write
from wallet.models import Export, ReportLine
from wallet.reports.asking import Ask, BadAsk
from wallet.reports.catalogue import DOWNLOAD, REPORTS, Report

MOST_ROWS = 500
_COUNTED = ("bets", "players")


@admin.register(ReportLine)
class ReportAdmin(ReadOnlyAdmin):
    """The list is the first report; lines as such are never shown."""

    scope_sub_channel = "sub_channel"

    def get_urls(self) -> list[URLPattern]:
        return [
            *(
                path(
                    f"{report.name}/",
                    self.admin_site.admin_view(require_safe(self.report_view)),
                    {"name": report.name},
                    name=f"wallet_report_{report.name}",
                )
                for report in REPORTS.values()
            ),
            *super().get_urls(),
        ]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> None:
        return None

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse | FileResponse:
        return self.report_view(request, next(iter(REPORTS)))

    def report_view(self, request: HttpRequest, name: str) -> HttpResponse | FileResponse:
        """A report as a page, or as a file where the address names a format."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        report = REPORTS[name]
        form = AskForm(request, report)
        ask: Ask | None = None
        shown: dict[str, Any] = {}
        if form.is_valid():
            try:
                ask = form.ask()
                if (wanted := request.GET.get("format")) in Export.Format.values:
                    return self._download(request, report, ask, str(wanted))
                shown = _page(report, ask)
            except BadAsk as error:
                form.add_error(None, str(error))
        return TemplateResponse(
            request,
            "admin/reports/report.html",
            {
                **self.admin_site.each_context(request),
                "title": report.title,
                "opts": self.opts,
                "report": report,
                "tabs": [(one, reverse(f"admin:wallet_report_{one.name}"))
                         for one in REPORTS.values()],
                "form": form,
                "rolled_at": totals.rolled_at() if report.name == "daily" else None,
                "downloads": _downloads(request) if ask and request.user.has_perm(DOWNLOAD) else [],
                "media": self.media + form.media,
                **shown,
            },
        )  # fmt: skip

    def _download(
        self, request: HttpRequest, report: Report, ask: Ask, wanted: str
    ) -> FileResponse:
        if not request.user.has_perm(DOWNLOAD):
            raise PermissionDenied
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        for _rows in write(file, report.selection(ask), format=wanted, bom=wanted == "csv"):
            pass
        file.seek(0)
        return FileResponse(file, as_attachment=True, filename=f"{report.name}.{wanted}")


def _downloads(request: HttpRequest) -> list[tuple[str, str]]:
    query = request.GET.copy()
    found = []
    for wanted in Export.Format:
        query["format"] = wanted.value
        found.append((wanted.label, f"?{query.urlencode()}"))
    return found


def _page(report: Report, ask: Ask) -> dict[str, Any]:
    """The table, cut where it becomes too long to read, with its sums and charts."""
    columns = report.columns_of(ask)
    rows = list(report.rows(ask)[: MOST_ROWS + 1])
    table = [
        [_cell(report, ask, row, value, column) for column, value in zip(columns, values,
                                                                        strict=True)]
        for row, values in ((row, _values(row, columns)) for row in rows[:MOST_ROWS])
    ]  # fmt: skip
    complete = len(rows) <= MOST_ROWS
    return {
        "headers": [(capfirst(column.title(ask.period.zone)), _is_figure(column))
                    for column in columns],
        "rows": table,
        "sums": _sums(rows, columns) if complete and report.name == "daily" else [],
        "proofs": _proofs(rows) if complete and report.name == "trial_balance" else [],
        "charts": charts_of(rows) if complete and report.name == "daily" else [],
        "cut_at": None if complete else MOST_ROWS,
    }  # fmt: skip


def _values(row: Any, columns: Sequence[Column]) -> list[Any]:
    """What stands in the row's columns: of a grouped row, or along an object's relations."""
    if isinstance(row, Mapping):
        return [row[column.path] for column in columns]
    found = []
    for column in columns:
        value = row
        for part in column.path.split("__"):
            value = getattr(value, part, None)
        found.append(value)
    return found


def _cell(report: Report, ask: Ask, row: Any, value: Any, column: Column) -> tuple[Any, bool]:
    """The cell, and whether it stands to the right."""
    text: Any = "—" if value is None or value == "" else value
    if isinstance(value, datetime):
        text = moment(value)
    elif isinstance(value, date):
        text = value.isoformat()
    elif column.kind is Kind.MONEY:
        text = money(value)
    elif column.name == "kind":
        text = row.get_kind_display()
    if address := link_of(report.name, ask, row, column.name):
        text = format_html('<a class="link" href="{}">{}</a>', address, text)
    return text, _is_figure(column)


def _is_figure(column: Column) -> bool:
    """Whether its cells stand to the right; numbers that name something do not."""
    return column.kind is Kind.MONEY or column.name in _COUNTED


def _sums(rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> list[list[Any]]:
    """A line for each currency that stands in several rows. Distinct players do not add up."""
    lines = []
    for currency in sorted({row["currency"] for row in rows}):
        of_currency = [row for row in rows if row["currency"] == currency]
        if len(of_currency) < 2:
            continue
        line: list[Any] = []
        for column in columns:
            if column.kind is Kind.MONEY:
                total = sum((row[column.path] for row in of_currency), Decimal(0))
                line.append((money(total), True))
            elif column.name == "bets":
                line.append((sum(row["bets"] for row in of_currency), True))
            else:
                line.append((currency if column.name == "currency" else "", False))
        line[0] = (_("Total"), False) if not line[0][0] else line[0]
        lines.append(line)
    return lines


def _proofs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Any, str, Decimal]]:
    """What each channel and currency sums to; anything but zero is a fault."""
    sums: dict[tuple[Any, str], Decimal] = {}
    for row in rows:
        key = row["channel_id"], row["currency"]
        sums[key] = sums.get(key, Decimal(0)) + row["balance"]
    return [(channel, currency, total) for (channel, currency), total in sums.items()]
