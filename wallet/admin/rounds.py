"""Rounds: the list, and a page for each that tells its story."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet.admin import export_links
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, link, moment, money
from wallet.admin.filters import AutocompleteFilter, PeriodFilter, RelatedFilter
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.name_search import in_channels, players_named
from wallet.admin.round_page import (
    OF_ROUNDS,
    OTHERS,
    STORY,
    TOO_LONG,
    round_address,
    state_cell,
    told_of,
)
from wallet.models import Round, RoundState
from wallet.rounds import round_of

MOST_FOUND = 20


class StateFilter(DropdownFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(RoundState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.in_state(value) if value in RoundState.values else queryset


class RoundChangeList(KeysetChangeList):
    """Adds the rounds of the page's openings up together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        told = told_of(self.result_list)
        if self.result_list and not told:
            messages.warning(request, TOO_LONG)
            self.result_list = []
        for opening in self.result_list:
            opening.told = told[opening.pk]


@admin.register(Round)
class RoundAdmin(export_links.Exportable, ReadOnlyAdmin, KeysetAdmin):
    """Whoever may see the ledger sees its rounds."""

    keyset_order = "posted_at"
    narrowed_by = ("player__id__exact", "channel__id__exact")
    export_source = "rounds"
    export_periods = {"posted_at": export_links.PERIOD}
    export_parameters = {
        "channel__id__exact": "channel",
        "player__id__exact": export_links.player,
        "player__sub_channel__id__exact": export_links.sub_channel,
        "player__sub_channel__isnull": export_links.without("sub_channel"),
        "state": "state",
    }
    change_form_template = "admin/wallet/round/change_form.html"
    list_display = (
        "opened",
        "round_name",
        "player",
        "channel",
        "state_label",
        "staked",
        "paid",
        "held",
        "result",
        "currency",
        "last",
    )
    list_display_links = ("opened",)
    list_filter = (
        ("posted_at", PeriodFilter),
        ("channel", RelatedFilter),
        ("player", AutocompleteFilter),
        StateFilter,
        ("player__sub_channel", AutocompleteFilter),
    )
    list_select_related = ("player", "channel")
    search_fields = ("round_code",)
    search_help_text = _("Round code, seqNo of one of its messages, or username, whole")
    scope_sub_channel = "player__sub_channel"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("round_name", "state_label"),
                    ("player_link", "channel"),
                    ("opened", "last"),
                    ("staked", "paid"),
                    ("held", "result"),
                )
            },
        ),
    )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("wallet.view_ledgerentry")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    # --- columns ------------------------------------------------------------------------------

    @admin.display(description=_("opened"))
    def opened(self, row: Any) -> str:
        return moment(row.posted_at)

    @admin.display(description=_("round code"))
    def round_name(self, row: Any) -> str:
        return copyable(row.told.round_code)

    @admin.display(description=_("state"))
    def state_label(self, row: Any) -> str:
        return state_cell(row.told)

    @admin.display(description=_("staked"))
    def staked(self, row: Any) -> str:
        return money(row.told.staked)

    @admin.display(description=_("paid out"))
    def paid(self, row: Any) -> str:
        return money(row.told.paid)

    @admin.display(description=_("withheld"))
    def held(self, row: Any) -> str:
        return money(row.told.held)

    @admin.display(description=_("player's result"))
    def result(self, row: Any) -> str:
        return money(row.told.result, signed=True)

    @admin.display(description=_("last entry"))
    def last(self, row: Any) -> str:
        return moment(row.told.last)

    @admin.display(description=_("player"))
    def player_link(self, row: Round) -> str:
        return link(row.player)

    # --- the list -----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Round]:
        rounds: QuerySet[Round] = self._entries(request).openings()
        return rounds

    def _entries(self, request: HttpRequest) -> Any:
        return self.limit(request, Round.objects.all())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return RoundChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Round], search_term: str
    ) -> tuple[QuerySet[Round], bool]:
        """By the shape of what is typed; every step is one look into an index."""
        text = search_term.strip()
        if not text:
            return queryset, False
        if of_code := self._of_code(request, text):
            return queryset.filter(of_code), False
        named = self._entries(request).filter(in_channels(request), reference=text)[:MOST_FOUND]
        if found := {round_of(one).opening.pk for one in named}:
            return queryset.filter(pk__in=found), False
        return queryset.filter(player__in=players_named(request, text)), False

    def _of_code(self, request: HttpRequest, text: str) -> Q | None:
        """The rounds of this code, if there are any."""
        condition = in_channels(request) & Q(round_code=text)
        return condition if self._entries(request).filter(condition).exists() else None

    def export_search(self, request: HttpRequest, text: str) -> export_links.Found | None:
        """A round by its code, or a player's rounds; by a seqNo there is nothing to export."""
        if self._of_code(request, text):
            return {"round_code": text}
        return {"player": text.lower()} if players_named(request, text) else None

    # --- a round's page -----------------------------------------------------------------------

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Any entry of a round leads to it, not only the one that stands for it."""
        if not object_id.isdecimal() or len(object_id) > 18:
            return None
        entries = self._entries(request).select_related("player", "channel")
        of_round = ~Q(round_code="") | Q(kind__in=OF_ROUNDS)
        found = entries.filter(of_round, pk=int(object_id)).first()
        if found is not None:
            found.told = round_of(found)
        return found

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, obj: Any, **kwargs: Any
    ) -> HttpResponse:
        if obj.told.opening.pk != obj.pk:
            return HttpResponseRedirect(round_address(obj.told.opening))
        panels = [(panel, panel.build(request, obj)) for panel in (STORY, OTHERS)]
        context["panels"] = [(panel, table) for panel, table in panels if table.rows or table.note]
        response: HttpResponse = super().render_change_form(
            request, context, *args, obj=obj, **kwargs
        )
        return response

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Its own page is its history."""
        response: HttpResponse = self.change_view(request, object_id)
        return response
