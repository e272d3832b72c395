"""Lists that stay fast however long the table is.

A page is the rows after a position, read through an index; no page is reached by counting rows
over. The count stops at a cap. Where the index begins with another column than the order (one
channel, one player), a list over several of them reads each *lane* through the index and merges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest

from wallet.admin.base import BackOfficeAdmin, PrefetchingChangeList

COUNT_CAP = 10_000
AFTER, BEFORE, END = "after", "before", "end"


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


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    newer: str | None  # query parameters of the neighbours; None where there is none
    older: str | None
    count: int
    capped: bool


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


class _Paginator:
    """What Unfold's footer asks a paginator for."""

    template_name = "admin/keyset_pagination.html"

    def __init__(self, per_page: int) -> None:
        self.per_page = per_page


class KeysetChangeList(PrefetchingChangeList):
    """A change list in one order, paged by position."""

    page: Page

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The position is no filter, and no link but the neighbours' carries it along."""
        for name in (AFTER, BEFORE, END):
            self.params.pop(name, None)
            self.filter_params.pop(name, None)
        result: dict[str, Any] = super().get_filters_params(params)
        return result

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[str]:
        order = self.model_admin.keyset_order
        return [f"-{order}", "-pk"] if order else ["-pk"]

    def get_ordering_field_columns(self) -> dict[int, str]:
        return {}

    def get_results(self, request: HttpRequest) -> None:
        order: str | None = self.model_admin.keyset_order
        try:
            places = {
                name: Position.parse(request.GET[name], order)
                for name in (AFTER, BEFORE)
                if name in request.GET
            }
        except (ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error
        from_end = END in request.GET
        rows, more = read_page(
            self.queryset,
            order=order,
            size=self.list_per_page,
            lanes=self.model_admin.get_lanes(request, self),
            after=places.get(AFTER),
            before=places.get(BEFORE),
            from_end=from_end,
        )
        upwards = BEFORE in places or from_end
        has_newer = more if upwards else AFTER in places
        has_older = BEFORE in places if upwards else more
        count = self.queryset.order_by()[: COUNT_CAP + 1].count()
        self.page = Page(
            rows=rows,
            newer=self._to(BEFORE, rows[0], order) if rows and has_newer else None,
            older=self._to(AFTER, rows[-1], order) if rows and has_older else None,
            count=min(count, COUNT_CAP),
            capped=count > COUNT_CAP,
        )
        self.first_query = self.get_query_string()
        self.last_query = self.get_query_string({END: "1"})
        self.result_list = rows
        self.result_count = self.full_result_count = self.page.count
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = _Paginator(self.list_per_page)

    def _to(self, direction: str, row: Any, order: str | None) -> str:
        return str(self.get_query_string({direction: str(Position.of(row, order))}))


class KeysetAdmin(BackOfficeAdmin):
    """A ModelAdmin whose list is paged by (``keyset_order``, pk), newest first.

    ``keyset_order`` is a column of moments that are never null, or None for the primary key alone.
    """

    keyset_order: str | None = None
    sortable_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> Sequence[Q]:
        """One condition for each stretch of the index that the list has to merge."""
        return ()
