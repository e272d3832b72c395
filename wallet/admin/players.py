"""Players: the list, and one page that answers every question about one of them."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from wallet import adjustments, ledger, players
from wallet.admin import player_panels
from wallet.admin.actions import form_action, show_once
from wallet.admin.adjustments import ProposeForm
from wallet.admin.display import STATUS_TONES, label, moment, money
from wallet.admin.errors import DOMAIN_ERRORS, explain, explain_code
from wallet.admin.filters import (
    AnyTimeFilter,
    AutocompleteFilter,
    ChoicesDropdownFilter,
    RelatedFilter,
)
from wallet.admin.forms import ActionForm, NewPasswordForm, ReasonForm
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.player_forms import RegisterForm, TransferForm
from wallet.admin.scope import member
from wallet.models import MAIN_TYPE_ID, Player, Wallet

_NUMBER = re.compile(r"\d{1,18}")


def _active(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status == Player.Status.ACTIVE


def _locked(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status == Player.Status.LOCKED


def _not_closed(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.status != Player.Status.CLOSED


@admin.register(Player)
class PlayerAdmin(KeysetAdmin):
    keyset_order = "registered_at"
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
        ("sub_channel", RelatedFilter),
        ("agent", AutocompleteFilter),
        ("status", ChoicesDropdownFilter),
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
        {
            "title": _("More actions"),
            "icon": "more_vert",
            "items": [
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
        found = Q(username__startswith=text) | Q(alias=text)
        if _NUMBER.fullmatch(text):
            found |= Q(user_id=int(text))
        return queryset.filter(found), False

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> list[Q]:
        if changelist.query:
            return []
        channels = request.GET.get("channel__id__exact")
        if channels:
            return []
        from wallet.admin.lanes import channel_lanes

        return channel_lanes(request)

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
                    request, _now("Player %(name)s was registered.") % {"name": player.username}
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
                "submit": _("Register"),
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
            "panels": [(panel, panel.build(request, player)) for panel in panels] if player else [],
            **(extra_context or {}),
        }
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    # --- actions ------------------------------------------------------------------------------

    @form_action(
        description=_("Lock"),
        explanation=_("No more logins or bets, and open sessions end. Running rounds settle."),
        permission="wallet.lock_player",
        form=ReasonForm,
        icon="lock",
        variant=ActionVariant.DANGER,
        url_path="lock",
        offered=_active,
    )
    def lock(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.lock(player=player, reason=form.cleaned_data["reason"])
        return _now("Player %(name)s is locked.") % {"name": player.username}

    @form_action(
        description=_("Unlock"),
        permission="wallet.lock_player",
        form=ReasonForm,
        icon="lock_open",
        variant=ActionVariant.SUCCESS,
        url_path="unlock",
        offered=_locked,
    )
    def unlock(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.unlock(player=player, reason=form.cleaned_data["reason"])
        return _now("Player %(name)s is unlocked.") % {"name": player.username}

    @form_action(
        description=_("Close account"),
        explanation=_("For good: it cannot be opened again. Running rounds still settle."),
        permission="wallet.close_player",
        form=ReasonForm,
        icon="block",
        variant=ActionVariant.DANGER,
        url_path="close",
        offered=_not_closed,
    )
    def close_account(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.close(player=player, reason=form.cleaned_data["reason"])
        return _now("Account %(name)s is closed.") % {"name": player.username}

    @form_action(
        description=_("Reset password"),
        permission="wallet.reset_player_password",
        form=NewPasswordForm,
        icon="password",
        url_path="reset-password",
        offered=_not_closed,
    )
    def reset_password(self, request: HttpRequest, player: Player, form: Any) -> str:
        players.reset_password(player=player, password=form.cleaned_data["password"])
        return _now("The password of %(name)s was changed.") % {"name": player.username}

    @form_action(
        description=_("End sessions"),
        explanation=_("eBET throws the player out of the game at the next message."),
        permission="wallet.end_player_sessions",
        form=ActionForm,
        icon="logout",
        url_path="end-sessions",
    )
    def end_sessions(self, request: HttpRequest, player: Player, form: Any) -> str:
        count = players.end_sessions(player=player)
        return _now("Sessions ended: %(count)d.") % {"count": count}

    @form_action(
        description=_("Issue test token"),
        explanation=_("A fixed token for eBET's tests: it neither rotates nor expires."),
        permission="wallet.issue_test_token",
        form=ActionForm,
        icon="token",
        url_path="issue-token",
        offered=_active,
    )
    def issue_token(self, request: HttpRequest, player: Player, form: Any) -> HttpResponse:
        token = players.issue_access_token(player=player, fixed=True)
        return show_once(
            self,
            request,
            player,
            PlayerAdmin.issue_token,
            note=_("Copy it now: only its digest is stored, and it is not shown again."),
            secret=token,
        )

    @form_action(
        description=_("Adjust balance"),
        explanation=_("Proposes a movement; it is posted when someone else approves it."),
        submit=_("Propose"),
        permission="wallet.add_adjustment",
        form=ProposeForm,
        icon="exposure",
        url_path="adjust",
    )
    def adjust(self, request: HttpRequest, player: Player, form: Any) -> str:
        adjustments.propose(maker=member(request), **form.cleaned_data)
        return _now("The adjustment waits for approval.")

    @form_action(
        description=_("Transfer between wallets"),
        permission="wallet.transfer_between_wallets",
        form=TransferForm,
        icon="swap_horiz",
        url_path="transfer",
        offered=_not_closed,
    )
    def transfer(self, request: HttpRequest, player: Player, form: Any) -> str:
        data = form.cleaned_data
        answer = ledger.transfer(
            from_wallet_id=data["from_wallet"].pk,
            to_wallet_id=data["to_wallet"].pk,
            amount=data["amount"],
            reference=str(data["request_id"]),
            actor_id=request.user.pk,
            reason=data["reason"],
        )
        if not answer.accepted:
            raise ledger.LedgerError(explain_code(answer.code))
        return _now("%(amount)s %(currency)s were transferred.") % {
            "amount": data["amount"],
            "currency": player.currency,
        }
