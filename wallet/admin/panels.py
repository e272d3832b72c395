"""Tables on an object's page, grouped in tabs; other apps add theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from wallet.admin.paging import AFTER, BEFORE, Position, read_page

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Table:
    """What a panel shows. ``link`` leads to the same rows as a list of their own."""

    headers: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    link: str = ""
    newer: str = ""
    older: str = ""
    note: Text = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A table of a tab, shown to those who hold the permission."""

    title: Text
    permission: str
    build: Callable[[HttpRequest, Any], Table]


@dataclass(slots=True)
class Tab:
    """``key`` is what the address says after ?tab=."""

    key: str
    title: Text
    panels: list[Panel] = field(default_factory=list)

    def visible_panels(self, request: HttpRequest) -> list[Panel]:
        return [panel for panel in self.panels if request.user.has_perm(panel.permission)]


def paged(
    request: HttpRequest, queryset: Any, *, order: str | None, size: int = 25
) -> tuple[list[Any], str, str]:
    """A page of rows for a panel, with the queries that lead to its neighbours."""
    places: dict[str, Position] = {}
    for name in (AFTER, BEFORE):
        try:
            places[name] = Position.parse(request.GET.get(name, ""), order)
        except (ValueError, OverflowError):
            continue
    before, after = places.get(BEFORE), places.get(AFTER)
    rows, more = read_page(queryset, order=order, size=size, after=after, before=before)
    if not rows:
        return rows, "", ""
    has_newer = more if before else after is not None
    has_older = before is not None or more
    return (
        rows,
        _query(request, BEFORE, rows[0], order) if has_newer else "",
        _query(request, AFTER, rows[-1], order) if has_older else "",
    )


def _query(request: HttpRequest, direction: str, row: Any, order: str | None) -> str:
    query = request.GET.copy()
    for name in (AFTER, BEFORE):
        query.pop(name, None)
    query[direction] = str(Position.of(row, order))
    return f"?{query.urlencode()}"
