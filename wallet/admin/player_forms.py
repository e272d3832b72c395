"""Forms about a player."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from wallet.admin.base import choices_of
from wallet.admin.display import format_money
from wallet.admin.forms import ActionForm, model_field, money_field, reason_field
from wallet.models import Agent, Channel, Player, SubChannel, Wallet
from wallet.models.channels import currency_validator
from wallet.scope import scope_of


class RegisterForm(ActionForm):
    """A new account. Rules about the values themselves are the domain's."""

    channel = model_field(label=_("Channel"), queryset=Channel.objects.none())
    username = forms.CharField(
        label=_("Username"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "Becomes lower case. 2 to 12 letters and digits suit every provider; other names get "
            "an alias there."
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("5 to 64 characters. Empty: the player signs in by token only."),
    )
    nickname = forms.CharField(
        label=_("Nickname"), max_length=64, required=False, widget=UnfoldAdminTextInputWidget
    )
    currency = forms.CharField(
        label=_("Currency"),
        max_length=8,
        required=False,
        validators=[currency_validator],
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Empty: the channel's. It cannot be changed later."),
    )
    sub_channel = model_field(
        label=_("Sub-channel"), queryset=SubChannel.objects.none(), required=False
    )
    agent = forms.ModelChoiceField(label=_("Agent"), queryset=Agent.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["channel"].queryset = choices_of(Channel, self.request).exclude(
            status=Channel.Status.CLOSED
        )
        fields["sub_channel"].queryset = choices_of(SubChannel, self.request).order_by(
            "channel", "number"
        )
        fields["agent"].queryset = choices_of(Agent, self.request)
        fields["agent"].widget = AutocompleteSelect(
            Player._meta.get_field("agent"), admin.site, choices=fields["agent"].choices
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        channel, agent = data.get("channel"), data.get("agent")
        for name in ("sub_channel", "agent"):
            if channel and data.get(name) and data[name].channel_id != channel.pk:
                self.add_error(name, _("It belongs to another channel."))
        scope = scope_of(self.request.user)
        sub_channel = data.get("sub_channel") or (agent.sub_channel if agent else None)
        if (
            channel
            and not scope.everything
            and channel.pk not in scope.channels
            and (sub_channel is None or sub_channel.pk not in scope.sub_channels)
        ):
            self.add_error("sub_channel", _("Choose one of your sub-channels."))
        return data


class OwnWalletsForm(ActionForm):
    """Offers the player's wallets with what is in them."""

    wallet_fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.wallet_fields:
            field: Any = self.fields[name]
            field.queryset = (
                Wallet.objects.filter(player=self.obj).select_related("type").order_by("type")
            )
            field.label_from_instance = lambda wallet: (
                f"{wallet.type} · {format_money(wallet.balance)} {wallet.currency}"
            )


class TransferForm(OwnWalletsForm):
    wallet_fields = ("from_wallet", "to_wallet")

    from_wallet = model_field(label=_("From"), queryset=Wallet.objects.none())
    to_wallet = model_field(label=_("To"), queryset=Wallet.objects.none())
    amount = money_field(label=_("Amount"), positive=True)
    reason = reason_field()
    # The same form sent twice moves the money once.
    request_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("from_wallet") and data.get("from_wallet") == data.get("to_wallet"):
            self.add_error("to_wallet", _("Choose another wallet than the one that pays."))
        if data.get("amount") == 0:
            self.add_error("amount", _("An amount of zero moves nothing."))
        return data
