"""The audit trail: who changed what, when, from where, before and after."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, moment
from wallet.admin.filters import ChoicesDropdownFilter, PeriodFilter
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.lanes import channel_lanes
from wallet.admin.trail import TONES, changes, who
from wallet.models import AuditEvent
from wallet.scope import scope_of


class RelationFilter(DropdownFilter):
    title = _("table")
    parameter_name = "relation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (model._meta.db_table, str(model._meta.verbose_name_plural))
            for model in apps.get_models()
            if admin.site.is_registered(model) and model is not AuditEvent
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent]
    ) -> QuerySet[AuditEvent]:
        return queryset.filter(relation=self.value()) if self.value() else queryset


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "at"
    list_display = ("when", "staff", "address", "action_label", "what", "changed", "channel_number")
    list_display_links = ("when",)
    list_filter = (("at", PeriodFilter), RelationFilter, ("action", ChoicesDropdownFilter))
    list_select_related = ("actor",)
    search_fields = ("object_id",)
    search_help_text = _("Staff member's username, row number, or address, whole")
    scope_channel = "channel_number"
    fields = (
        ("when", "staff"),
        ("address", "path"),
        ("action_label", "database_role"),
        ("what", "channel_number"),
        ("changed",),
    )

    @admin.display(description=_("at"))
    def when(self, event: AuditEvent) -> str:
        return moment(event.at)

    @admin.display(description=_("staff member"))
    def staff(self, event: AuditEvent) -> str:
        return who(event)

    @admin.display(description=_("action"))
    def action_label(self, event: AuditEvent) -> str:
        return label(event.get_action_display(), TONES[event.action])

    @admin.display(description=_("what"))
    def what(self, event: AuditEvent) -> str:
        model = next(
            (model for model in apps.get_models() if model._meta.db_table == event.relation), None
        )
        if model is None:
            return f"{event.relation} {event.object_id}"
        text = f"{model._meta.verbose_name} {event.object_id}"
        opts = model._meta
        try:
            address = reverse(
                f"admin:{opts.app_label}_{opts.model_name}_change", args=[event.object_id]
            )
        except NoReverseMatch:
            return text
        return format_html('<a class="link" href="{}">{}</a>', address, text)

    @admin.display(description=_("change"))
    def changed(self, event: AuditEvent) -> str:
        return changes(event)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        actor = User.objects.filter(username=text).first()
        if actor:
            return queryset.filter(actor=actor), False
        if text.count(".") == 3 or ":" in text:
            return queryset.filter(address=text), False
        return queryset.filter(object_id=text), False

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> list[Q]:
        if changelist.query or scope_of(request.user).everything:
            return []
        return channel_lanes(request, channel="channel_number")
