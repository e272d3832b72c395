"""Players' attempts to log in, and their sessions."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, moment
from wallet.admin.filters import ChoicesDropdownFilter, PeriodFilter, RelatedFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername, players_named
from wallet.models import LoginEvent, PlayerSession


@admin.register(LoginEvent)
class LoginEventAdmin(ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "at"
    narrowed_by = ("channel__id__exact",)
    list_display = ("when", "username", "outcome_label", "address", "event_type", "channel")
    list_display_links = ("when",)
    list_filter = (
        ("at", PeriodFilter),
        ("channel", RelatedFilter),
        ("outcome", ChoicesDropdownFilter),
    )
    list_select_related = ("channel",)
    search_fields = ("username",)
    search_help_text = _("Beginning of the username, or an address")
    scope_sub_channel = "player__sub_channel"
    fields = ("when", "username", "player", "channel", "outcome", "address", "event_type")

    @admin.display(description=_("at"))
    def when(self, event: LoginEvent) -> str:
        return moment(event.at)

    @admin.display(description=_("outcome"))
    def outcome_label(self, event: LoginEvent) -> str:
        good = event.outcome == LoginEvent.Outcome.SUCCESS
        return label(event.get_outcome_display(), "success" if good else "danger")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LoginEvent], search_term: str
    ) -> tuple[QuerySet[LoginEvent], bool]:
        text = search_term.strip().lower()
        if not text:
            return queryset, False
        if text.count(".") == 3 or ":" in text:
            return queryset.filter(address=text), False
        unknown = Q(player=None, username=text)
        return queryset.filter(Q(player__in=players_named(request, text)) | unknown), False


@admin.register(PlayerSession)
class PlayerSessionAdmin(SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "last_used_at"
    narrowed_by = ("channel__id__exact",)
    list_display = (
        "used",
        "player",
        "opened",
        "state",
        "address",
        "platform",
        "is_fixed",
        "channel",
    )
    list_display_links = ("used",)
    list_filter = (("last_used_at", PeriodFilter), ("channel", RelatedFilter))
    list_select_related = ("channel", "player")
    search_fields = ("player",)
    search_help_text = _("Beginning of the username")
    scope_sub_channel = "player__sub_channel"
    fields = ("player", "channel", "opened", "used", "state", "address", "platform", "event_type")

    @admin.display(description=_("last used"))
    def used(self, session: PlayerSession) -> str:
        return moment(session.last_used_at)

    @admin.display(description=_("opened"))
    def opened(self, session: PlayerSession) -> str:
        return moment(session.created_at)

    @admin.display(description=_("fixed"))
    def is_fixed(self, session: PlayerSession) -> str:
        return gettext("yes") if session.fixed else "—"

    @admin.display(description=_("why it ended"))
    def state(self, session: PlayerSession) -> str:
        return session.get_end_reason_display() or "—"
