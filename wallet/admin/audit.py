"""The audit trail: who changed what, when, from where, before and after."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, label, moment
from wallet.admin.filters import AutocompleteFilter, ChoicesDropdownFilter, PeriodFilter
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.lanes import channel_lanes
from wallet.admin.trail import TONES, who
from wallet.admin.trail_words import Reader, audited_tables, table_name
from wallet.models import AuditEvent
from wallet.network import parse_address
from wallet.scope import scope_of


class TableFilter(DropdownFilter):
    title = _("table")
    parameter_name = "relation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = ((table, str(capfirst(table_name(table)))) for table in audited_tables())
        return sorted(names, key=lambda item: item[1])

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(relation=self.value()) if self.value() else queryset


class TrailChangeList(KeysetChangeList):
    def get_results(self, request: HttpRequest) -> None:
        """One reader for the page, which looks every name up once."""
        super().get_results(request)
        reader = Reader()
        for event in self.result_list:
            event.reader = reader


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin, KeysetAdmin):
    """Rows without a channel are for who sees everything."""

    keyset_order = "at"
    list_display = ("when", "staff", "address", "action_label", "what", "changed", "channel_number")
    list_display_links = ("when",)
    list_filter = (
        ("at", PeriodFilter),
        TableFilter,
        ("action", ChoicesDropdownFilter),
        ("actor", AutocompleteFilter),
    )
    list_select_related = ("actor",)
    search_fields = ("object_id",)
    search_help_text = _("Row number, username of staff, address, or beginning of a page's path")
    scope_channel = "channel_number"
    fields = (
        ("when", "staff"),
        ("address", "page"),
        ("action_label", "role"),
        ("what", "channel_number"),
        ("values",),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return TrailChangeList

    @admin.display(description=_("at"))
    def when(self, event: AuditEvent) -> str:
        return moment(event.at)

    @admin.display(description=_("staff member"))
    def staff(self, event: AuditEvent) -> str:
        return who(event)

    @admin.display(description=_("action"))
    def action_label(self, event: AuditEvent) -> str:
        return label(event.get_action_display(), TONES[event.action])

    @admin.display(description=_("page"))
    def page(self, event: AuditEvent) -> str:
        return copyable(event.path)

    @admin.display(description=_("database role"))
    def role(self, event: AuditEvent) -> str:
        return copyable(event.database_role)

    @admin.display(description=_("what"))
    def what(self, event: AuditEvent) -> str:
        return Reader().what(event)

    @admin.display(description=_("change"))
    def changed(self, event: Any) -> str:
        text: str = event.reader.brief(event)
        return text

    @admin.display(description=_("change"))
    def values(self, event: AuditEvent) -> str:
        return Reader().table(event)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """By the shape of what is looked for; each kind has its index."""
        text = search_term.strip()
        if not text:
            return queryset, False
        if text.startswith("/"):
            return queryset.filter(path__startswith=text).exclude(path=""), False
        if address := parse_address(text):
            return queryset.filter(address=str(address)), False
        if not text.lstrip("-").isdecimal() and (
            actor := User.objects.filter(username=text).first()
        ):
            return queryset.filter(actor=actor), False
        return queryset.filter(relation__in=audited_tables(), object_id=text), False

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> list[Q]:
        if changelist.query or scope_of(request.user).everything:
            return []
        return channel_lanes(request, channel="channel_number")
