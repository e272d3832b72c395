"""Players: the list, and one page that answers every question about one of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet import players
from wallet.admin import export_links, player_panels
from wallet.admin.display import STATUS_TONES, label, moment, money
from wallet.admin.errors import DOMAIN_ERRORS, explain
from wallet.admin.filters import (
    AnyTimeFilter,
    AutocompleteFilter,
    ChoicesDropdownFilter,
    RelatedFilter,
)
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import in_channels
from wallet.admin.notes import PlayerNotes, pinned_notes
from wallet.admin.player_actions import PlayerActions
from wallet.admin.player_forms import RegisterForm
from wallet.admin.player_locks import LockedFilter, PlayerLocks
from wallet.admin.statements import Statements
from wallet.exports.catalogue import named
from wallet.models import MAIN_TYPE_ID, Player, Wallet


@admin.register(Player)
class PlayerAdmin(
    PlayerActions, PlayerLocks, PlayerNotes, Statements, export_links.Exportable, KeysetAdmin
):
    keyset_order = "registered_at"
    narrowed_by = ("channel__id__exact",)
    export_source = "players"
    export_periods = {"registered_at": export_links.PERIOD}
    export_parameters = {
        "channel__id__exact": "channel",
        "sub_channel__id__exact": export_links.sub_channel,
        "agent__id__exact": export_links.agent,
        "status__exact": "statuses",
        "kept_out": "kept_out",
    }
    change_form_template = "admin/wallet/player/change_form.html"
    list_display = (
        "username",
        "nickname",
        "status_label",
        "channel",
        "sub_channel",
        "agent",
        "main_balance",
        "registered",
        "last_login",
    )
    list_filter = (
        ("channel", RelatedFilter),
        ("sub_channel", AutocompleteFilter),
        ("agent", AutocompleteFilter),
        ("status", ChoicesDropdownFilter),
        LockedFilter,
        ("registered_at", AnyTimeFilter),
    )
    list_select_related = ("channel", "sub_channel", "agent")
    list_prefetch_related = (
        Prefetch("wallets", Wallet.objects.filter(type=MAIN_TYPE_ID), to_attr="main_wallets"),
    )
    search_fields = ("username",)
    search_help_text = _("Beginning of the username, user ID, or alias")
    autocomplete_fields = ("agent",)
    scope_sub_channel = "sub_channel"
    actions_detail = (
        "lock",
        "unlock",
        "let_in",
        {
            "title": _("More actions"),
            "icon": "more_vert",
            "items": [
                "add_note",
                "statement",
                "adjust",
                "transfer",
                "reset_password",
                "end_sessions",
                "issue_token",
                "close_account",
            ],
        },
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("channel", "username"),
                    ("status_label", "status_reason"),
                    ("nickname", "currency"),
                    ("sub_channel", "agent"),
                    ("user_id", "ebet_user_id"),
                    ("alias", "registered"),
                    ("last_login",),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Player | None = None) -> list[str]:
        return [
            "channel",
            "username",
            "status_label",
            "status_reason",
            "currency",
            "user_id",
            "ebet_user_id",
            "registered",
            "last_login",
        ]

    @admin.display(description=_("status"))
    def status_label(self, player: Player) -> str:
        return label(player.get_status_display(), STATUS_TONES[player.status])

    @admin.display(description=_("main wallet"))
    def main_balance(self, player: Any) -> str:
        return money(player.main_wallets[0].balance) if player.main_wallets else "—"

    @admin.display(description=_("registered at"))
    def registered(self, player: Player) -> str:
        return moment(player.registered_at)

    @admin.display(description=_("last login"))
    def last_login(self, player: Player) -> str:
        return moment(player.last_login_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Player], search_term: str
    ) -> tuple[QuerySet[Player], bool]:
        """By the shape of what is typed, always through an index."""
        text = search_term.strip().lower()
        if not text:
            return queryset, False
        return queryset.filter(named(text), in_channels(request)), False

    def export_search(self, request: HttpRequest, text: str) -> export_links.Found:
        return {"search": text}

    # --- pages --------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Registering is the domain's: account, wallets and outbox in one transaction."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = RegisterForm(request.POST if posted else None, request=request, obj=None)
        if posted and form.is_valid():
            data = form.cleaned_data
            try:
                player = players.register(
                    **{**data, "currency": data["currency"] or None}, actor_id=request.user.pk
                )
            except DOMAIN_ERRORS as error:
                form.add_error("username", explain(error))
            else:
                self.log_addition(request, player, "Registered")
                messages.success(
                    request, gettext("Player %(name)s was registered.") % {"name": player.username}
                )
                return HttpResponseRedirect(reverse("admin:wallet_player_change", args=[player.pk]))
        return TemplateResponse(
            request,
            "admin/action_form.html",
            {
                **self.admin_site.each_context(request),
                "layout": "admin/base_site.html",
                "title": _("Register a player"),
                "explanation": _(
                    "Opens a wallet of every active type and tells the providers that the "
                    "channel uses."
                ),
                "submit_text": _("Register"),
                "opts": self.opts,
                "form": form,
                "back": reverse("admin:wallet_player_changelist"),
                "media": self.media + form.media,
            },
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        tabs = [
            (tab, shown) for tab in player_panels.TABS if (shown := tab.visible_panels(request))
        ]
        asked = request.GET.get("tab", "")
        current, panels = next(
            ((tab, shown) for tab, shown in tabs if tab.key == asked),
            (player_panels.OVERVIEW, player_panels.OVERVIEW.visible_panels(request)),
        )
        player = self.get_object(request, object_id)
        context = {
            "tabs": [tab for tab, _shown in tabs],
            "tab": current,
            "pinned_notes": pinned_notes(request, player) if player else [],
            "status": self.status_label(player) if player else "",
            "panels": [(panel, panel.build(request, player)) for panel in panels] if player else [],
            **(extra_context or {}),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response
