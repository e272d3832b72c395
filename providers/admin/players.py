"""What the players' pages get from the app that can call eBET."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldBooleanWidget

from providers.ebet import desk
from providers.errors import ProviderError
from wallet.admin import players
from wallet.admin.actions import form_action, show_once, show_report
from wallet.admin.display import money
from wallet.admin.forms import ActionForm
from wallet.models import Player
from wallet.secrets import SecretUnreadable

admin.site.unregister(Player)


class LaunchForm(ActionForm):
    in_china = forms.BooleanField(
        label=_("The player is in mainland China"), required=False, widget=UnfoldBooleanWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["in_china"].initial = self.obj.currency == "CNY"


class LogOutForm(ActionForm):
    end_sessions = forms.BooleanField(
        label=_("End the sessions here as well"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text=_("Otherwise the player may go on with the session that is open."),
    )


def _active(self: Any, request: HttpRequest, player: Player) -> bool:
    return player.is_active


@contextmanager
def _asking() -> Iterator[None]:
    """What goes wrong at eBET is said in the form."""
    try:
        yield
    except (ProviderError, desk.NoAccess, SecretUnreadable) as error:
        raise ValidationError(desk.explain(error)) from error


@admin.register(Player)
class PlayerAdmin(players.PlayerAdmin):
    actions_detail: Any = (
        *players.PlayerAdmin.actions_detail,
        {
            "title": "eBET",
            "icon": "sports_esports",
            "items": ["compare_with_ebet", "launch_link", "log_out_at_ebet"],
        },
    )

    @form_action(
        description=_("Compare with eBET"),
        explanation=_("Asks eBET what it knows of the player and shows both sides."),
        submit=_("Compare"),
        permission="wallet.compare_player",
        icon="compare_arrows",
        url_path="compare-with-ebet",
    )
    def compare_with_ebet(self, request: HttpRequest, player: Player, form: Any) -> HttpResponse:
        with _asking():
            facts = desk.compare(player=player)
        return show_report(
            self,
            request,
            player,
            PlayerAdmin.compare_with_ebet,
            template="admin/wallet/player/comparison.html",
            facts=[
                (fact.title, _shown(fact.ours), _shown(fact.theirs), fact.differs) for fact in facts
            ],
            differences=sum(fact.differs for fact in facts),
        )

    @form_action(
        description=_("Fetch a launch link"),
        explanation=_("Whoever has the link plays as this player, with this player's money."),
        submit=_("Fetch"),
        permission="wallet.fetch_launch_link",
        form=LaunchForm,
        icon="link",
        url_path="launch-link",
        offered=_active,
    )
    def launch_link(self, request: HttpRequest, player: Player, form: Any) -> HttpResponse:
        with _asking():
            link = desk.launch_link(player=player, in_china=form.cleaned_data["in_china"])
        return show_once(
            self,
            request,
            player,
            PlayerAdmin.launch_link,
            note=_("The link works once, within five minutes. It is not stored or shown again."),
            secret=link,
        )

    @form_action(
        description=_("Log out at eBET"),
        explanation=_("Throws the player out of eBET's games now. Running rounds settle."),
        submit=_("Log out"),
        permission="wallet.log_out_player",
        form=LogOutForm,
        icon="logout",
        variant=ActionVariant.DANGER,
        url_path="log-out-at-ebet",
    )
    def log_out_at_ebet(self, request: HttpRequest, player: Player, form: Any) -> str:
        with _asking():
            ended = desk.log_out(player=player, end_sessions=form.cleaned_data["end_sessions"])
        return gettext("eBET logged %(name)s out. Sessions ended here: %(count)d.") % {
            "name": player.username,
            "count": ended,
        }


def _shown(value: Any) -> Any:
    if value is None:
        return "—"
    return money(value) if isinstance(value, Decimal) else value
