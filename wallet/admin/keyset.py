"""Lists that stay fast however long the table is: paged by position, counted up to a cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from wallet.admin.base import BackOfficeAdmin, PrefetchingChangeList
from wallet.admin.display import money
from wallet.admin.lanes import channel_lanes
from wallet.admin.paging import AFTER, BEFORE, END, Position, read_page
from wallet.admin.patience import at_most
from wallet.admin.saved_filters import Menu, SavedFilters, menu_of

COUNT_CAP = 10_000
COUNT_SECONDS = 0.03
READ_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    newer: str | None  # query parameters of the neighbours; None where there is none
    older: str | None
    count: int | None  # None where counting would have taken too long
    capped: bool

    @property
    def count_text(self) -> str:
        return f"{self.count or 0:,}"


class _Paginator:
    """What Unfold's footer asks a paginator for."""

    template_name = "admin/keyset_pagination.html"

    def __init__(self, per_page: int) -> None:
        self.per_page = per_page


class KeysetChangeList(PrefetchingChangeList):
    """A change list in one order, paged by position."""

    queryset: QuerySet[Any]
    page: Page
    saved_filters: Menu

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
        lanes = self.model_admin.get_lanes(request, self)
        if len(lanes) == 1:
            self.queryset = self.queryset.filter(*lanes)
        read = partial(
            read_page,
            self.queryset,
            order=order,
            size=self.list_per_page,
            lanes=lanes,
            after=places.get(AFTER),
            before=places.get(BEFORE),
            from_end=from_end,
        )
        found = at_most(READ_SECONDS, read)
        if found is None:
            messages.warning(
                request, _("This would take too long: choose a channel or a shorter period.")
            )
        rows, more = found or ([], False)
        upwards = BEFORE in places or from_end
        has_newer = more if upwards else AFTER in places
        has_older = BEFORE in places if upwards else more
        count = at_most(COUNT_SECONDS, self.count_rows)
        self.page = Page(
            rows=rows,
            newer=self._to(BEFORE, rows[0], order) if rows and has_newer else None,
            older=self._to(AFTER, rows[-1], order) if rows and has_older else None,
            count=None if count is None else min(count, COUNT_CAP),
            capped=count is not None and count > COUNT_CAP,
        )
        self.first_query = self.get_query_string()
        self.last_query = self.get_query_string({END: "1"})
        self.result_list = rows
        self.result_count = self.full_result_count = self.page.count or len(rows)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = _Paginator(self.list_per_page)
        self.saved_filters = menu_of(request, self.model_admin)

    def count_rows(self) -> int:
        """How many rows the filters let through, counted to just beyond the cap."""
        return int(self.queryset.order_by()[: COUNT_CAP + 1].count())

    @cached_property
    def sums(self) -> list[tuple[str, list[tuple[Any, Any]]]] | None:
        """The sums of all the rows, by currency; None where adding up would take long."""
        if not self.model_admin.money_sums:
            return []
        if self.page.capped or self.page.count is None:
            return None
        return at_most(COUNT_SECONDS, self._add_up_columns)

    def _add_up_columns(self) -> list[tuple[str, list[tuple[Any, Any]]]]:
        sums, currency = self.model_admin.money_sums, self.model_admin.currency_path
        totals = {f"sum_{number}": total for number, (_label, total) in enumerate(sums)}
        rows = self.queryset.order_by().values(currency).annotate(**totals).order_by(currency)
        return [
            (
                row[currency],
                [(label, money(row[f"sum_{number}"])) for number, (label, _) in enumerate(sums)],
            )
            for row in rows
        ]

    @property
    def cap(self) -> int:
        return COUNT_CAP

    def _to(self, direction: str, row: Any, order: str | None) -> str:
        return str(self.get_query_string({direction: str(Position.of(row, order))}))


class KeysetAdmin(SavedFilters, BackOfficeAdmin):
    """A ModelAdmin whose list is paged by (``keyset_order``, pk), newest first.

    ``keyset_order`` is a column of moments that are never null, or None for the primary key alone.
    """

    keyset_order: str | None = None
    # What stands above the list, by the currency at ``currency_path``: a title and its sum.
    money_sums: Sequence[tuple[Any, Sum]] = ()
    currency_path = "currency"
    sortable_by: Sequence[str] = ()
    # Filters behind which one stretch of an index is read; without them it is one a channel.
    narrowed_by: Sequence[str] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> Sequence[Q]:
        """One condition for each stretch of the index that the list has to merge."""
        narrowed = any(request.GET.get(name) for name in self.narrowed_by)
        if changelist.query or narrowed or not self.narrowed_by:
            return ()
        return channel_lanes(request)
