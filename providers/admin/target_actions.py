"""What staff do with a target: test it, and ask for accounts there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from providers import provisioning, targets
from providers.admin.wording import asking
from providers.models import Provider, Target
from wallet.admin.actions import form_action
from wallet.admin.base import choices_of
from wallet.admin.forms import ActionForm, money_field
from wallet.models import Player


class AccountForm(ActionForm):
    username = forms.CharField(
        label=_("Username"), max_length=64, widget=UnfoldAdminTextInputWidget
    )
    balance = money_field(label=_("Opening balance there"), positive=True)
    free_credit = money_field(label=_("Free credit there"), positive=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("balance", "free_credit"):
            self.fields[name].required = False
        if not self.obj.agent.free_credit:
            del self.fields["free_credit"]

    def clean_username(self) -> Player:
        players = choices_of(Player, self.request).filter(
            channel=self.obj.channel_id, username=self.cleaned_data["username"].lower()
        )
        if self.obj.agent_id:
            players = players.filter(agent=self.obj.agent_id)
        player: Player | None = players.first()
        if player is None:
            raise forms.ValidationError(_("There is no such player of this channel and agent."))
        return player


def _is_hrg(self: Any, request: HttpRequest, target: Target) -> bool:
    return target.provider == Provider.HRG


class TargetActions:
    """Mixed into the targets' admin."""

    @form_action(
        description=_("Test connection"),
        explanation=_("Asks the provider something harmless with our access."),
        permission="providers.change_target",
        icon="network_check",
        url_path="test",
    )
    def test_connection(self, request: HttpRequest, target: Target, form: Any) -> str:
        with asking():
            duration = targets.test_connection(target)
        return gettext("Our access works; the answer took %(duration)d ms.") % {
            "duration": duration
        }

    @form_action(
        description=_("Push missing players"),
        explanation=_("Asks for accounts of players who should be there and never were asked for."),
        permission="providers.change_target",
        icon="group_add",
        url_path="push-missing",
    )
    def push_missing(self, request: HttpRequest, target: Target, form: Any) -> str:
        count = provisioning.enqueue_missing(target=target)
        return ngettext(
            "%(count)d account was asked for.", "%(count)d accounts were asked for.", count
        ) % {"count": count}

    @form_action(
        description=_("Create account with money"),
        explanation=_("Money given here appears at the provider; no wallet pays for it."),
        permission="providers.move_funds",
        form=AccountForm,
        icon="person_add",
        url_path="create-account",
        offered=_is_hrg,
        errors=(provisioning.ProvisioningError,),
    )
    def create_account(self, request: HttpRequest, target: Target, form: Any) -> str:
        data = form.cleaned_data
        with asking():
            provisioning.request_account(
                player=data["username"],
                target=target,
                balance=data["balance"],
                free_credit=data.get("free_credit"),
            )
        return gettext("The account of %(name)s was asked for.") % {
            "name": data["username"].username
        }
