"""Paging by position.

A page is the rows after a position, read through an index; no page is reached by counting rows
over. Where the index begins with another column than the order (one channel, one player), a list
over several of them reads each *lane* through the index and merges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib.admin.views.main import ERROR_FLAG, IGNORED_PARAMS, SEARCH_VAR
from django.db.models import F, Q, QuerySet

AFTER, BEFORE, END = "after", "before", "end"
# Where in a list somebody is, and what the framework adds, is no filter.
NOT_FILTERS = {*IGNORED_PARAMS, AFTER, BEFORE, END, ERROR_FLAG, "_changelist_filters"} - {
    SEARCH_VAR
}


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order: a row's moment, where the order has one, and primary key."""

    moment: datetime | None
    pk: int

    def __str__(self) -> str:
        return f"{self.moment.isoformat()},{self.pk}" if self.moment else str(self.pk)

    @classmethod
    def of(cls, row: Any, order: str | None) -> Position:
        return cls(getattr(row, order) if order else None, row.pk)

    @classmethod
    def parse(cls, text: str, order: str | None) -> Position:
        """Raises ValueError."""
        if order is None:
            return cls(None, int(text))
        moment, _, pk = text.rpartition(",")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            raise ValueError("a position carries its offset")
        return cls(parsed, int(pk))


def read_page(
    queryset: QuerySet[Any],
    *,
    order: str | None,
    size: int,
    lanes: Sequence[Q] = (),
    after: Position | None = None,
    before: Position | None = None,
    from_end: bool = False,
) -> tuple[list[Any], bool]:
    """``size`` rows newest first by (``order``, pk), and whether there are more that way.

    ``after`` and ``before`` mean further down and further up the page.
    """
    upwards = before is not None or from_end
    position = before or after
    if position:
        queryset = queryset.filter(_beyond(position, order, upwards=upwards))
    rows = _merge(queryset, lanes, order, size + 1, upwards=upwards)
    more = len(rows) > size
    rows = rows[:size]
    return (rows[::-1] if upwards else rows), more


def _beyond(position: Position, order: str | None, *, upwards: bool) -> Q:
    sign = "gt" if upwards else "lt"
    by_pk = Q(**{f"pk__{sign}": position.pk})
    if order is None:
        return by_pk
    # The first term is what the index can use; the second settles ties.
    return Q(**{f"{order}__{sign}e": position.moment}) & (
        Q(**{f"{order}__{sign}": position.moment}) | by_pk
    )


def _merge(
    queryset: QuerySet[Any], lanes: Sequence[Q], order: str | None, limit: int, *, upwards: bool
) -> list[Any]:
    columns = ["pk"] if order is None else [order, "pk"]
    sign = "" if upwards else "-"
    queryset = queryset.order_by(*[f"{sign}{column}" for column in columns])
    if len(lanes) < 2:
        return list(queryset.filter(*lanes)[:limit])
    keys = [
        queryset.filter(lane)
        .annotate(**{f"lane_{column}": F(column) for column in columns})
        .values_list(*[f"lane_{column}" for column in columns])[:limit]
        for lane in lanes
    ]
    merged = keys[0].union(*keys[1:], all=True)
    merged = merged.order_by(*[f"{sign}lane_{column}" for column in columns])
    wanted = [key[-1] for key in merged[:limit]]
    rows = list(queryset.filter(pk__in=wanted).order_by()) if wanted else []
    return sorted(rows, key=attrgetter(*columns), reverse=not upwards)
