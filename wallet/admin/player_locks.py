"""Players who cannot get in: found as a list, let in again one by one or together."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.enums import ActionVariant

from wallet import players, throttling
from wallet.admin import home
from wallet.admin.actions import form_action
from wallet.admin.bulk import apply_to_each
from wallet.admin.forms import ReasonForm
from wallet.models import Player
from wallet.scope import visible


class LockedFilter(DropdownFilter):
    title = _("who cannot log in")
    parameter_name = "kept_out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(why, title) for why, (title, _narrow) in throttling.KEPT_OUT.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Player]) -> QuerySet[Player]:
        _title, narrow = throttling.KEPT_OUT.get(self.value() or "", ("", None))
        return narrow(queryset) if narrow else queryset


def _shut_out(request: HttpRequest) -> list[home.Alert]:
    if not request.user.has_perm("wallet.lock_player"):
        return []
    mine = visible(request.user, Player.objects.all(), sub_channel="sub_channel")
    return [
        home.Alert(
            _("Players shut out after failed logins"),
            throttling.shut_out(mine).count(),
            reverse("admin:wallet_player_changelist") + "?kept_out=guesses",
        )
    ]


home.REGISTRY.alerts.append(_shut_out)


def _is_shut_out(self: Any, request: HttpRequest, player: Player) -> bool:
    return throttling.is_shut_out(player)


def _let_in(player: Player, reason: str) -> str:
    if player.status != Player.Status.ACTIVE:
        players.unlock(player=player, reason=reason)
    throttling.forgive(player)
    return gettext("can log in again")


class PlayerLocks:
    """Mixed into the player's ModelAdmin."""

    actions = ("lock_selected", "unlock_selected")

    @form_action(
        description=_("Let in again"),
        explanation=_("Too many logins failed lately: forgives them, so the next may succeed."),
        permission="wallet.lock_player",
        icon="how_to_reg",
        variant=ActionVariant.SUCCESS,
        url_path="let-in",
        offered=_is_shut_out,
    )
    def let_in(self, request: HttpRequest, player: Player, form: Any) -> str:
        throttling.forgive(player)
        return gettext("Player %(name)s can log in again.") % {"name": player.username}

    def has_lock_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("wallet.lock_player"))

    @admin.action(description=_("Lock selected"), permissions=["lock"])
    def lock_selected(
        self, request: HttpRequest, queryset: QuerySet[Player]
    ) -> HttpResponse | None:
        def apply(player: Player, data: dict[str, Any]) -> str:
            players.lock(player=player, reason=data["reason"])
            return gettext("locked")

        return self._each(request, queryset, _("Lock"), apply)

    @admin.action(description=_("Unlock selected"), permissions=["lock"])
    def unlock_selected(
        self, request: HttpRequest, queryset: QuerySet[Player]
    ) -> HttpResponse | None:
        def apply(player: Player, data: dict[str, Any]) -> str:
            return _let_in(player, data["reason"])

        return self._each(request, queryset, _("Unlock"), apply)

    def _each(
        self, request: HttpRequest, queryset: QuerySet[Player], title: Any, apply: Any
    ) -> HttpResponse | None:
        return apply_to_each(
            self,
            request,
            queryset,
            title=title,
            form_class=ReasonForm,
            describe=lambda player: f"{player.username} · {player.get_status_display()}",
            apply=apply,
        )
