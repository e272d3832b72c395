"""A channel's keys: shown by fingerprint, added, activated and retired."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminTextareaWidget

from wallet import rotation
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyInline
from wallet.admin.forms import ActionForm, model_field
from wallet.models import Channel, ChannelKey


class KeyInline(ReadOnlyInline):
    """Keys by fingerprint and size; the halves themselves are never shown."""

    model = ChannelKey
    fields = ("fingerprint", "size", "state_label", "can_sign", "created_at", "retired_at")
    readonly_fields = fields
    ordering = ("-pk",)
    verbose_name_plural = _("keys")

    @admin.display(description=_("size (bits)"))
    def size(self, key: ChannelKey) -> SafeString | str:
        if not key.is_weak:
            return str(key.bits)
        return format_html(
            '<span class="money-negative" title="{}">{} ⚠</span>',
            gettext("A key below 1024 bits can be factored: ask eBET for a larger one."),
            key.bits,
        )

    @admin.display(description=_("state"))
    def state_label(self, key: ChannelKey) -> str:
        return key.get_state_display()

    @admin.display(description=_("signs"), boolean=True)
    def can_sign(self, key: ChannelKey) -> bool:
        return bool(key.private_pem)


class SecretTextarea(UnfoldAdminTextareaWidget):
    """Takes a secret of several lines and, like a password's field, never gives it back."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, None, attrs)
        return context


class AddKeyForm(ActionForm):
    public_pem = forms.CharField(
        label=_("Public key (PEM)"), widget=UnfoldAdminTextareaWidget(attrs={"rows": 6})
    )
    private_pem = forms.CharField(
        label=_("Private key (PEM)"),
        required=False,
        widget=SecretTextarea(attrs={"rows": 6, "autocomplete": "off"}),
        help_text=_("Signs our calls to eBET. Stored encrypted and never shown again."),
    )


class NextKeyForm(ActionForm):
    key = model_field(label=_("Key"), queryset=ChannelKey.objects.none())
    states: tuple[str, ...] = (ChannelKey.State.NEXT,)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["key"]
        field.queryset = ChannelKey.objects.filter(channel=self.obj, state__in=self.states)
        field.label_from_instance = lambda key: (
            f"{key.fingerprint[:16]} · {key.bits} · {key.get_state_display()}"
        )


class KeptKeyForm(NextKeyForm):
    states = (ChannelKey.State.NEXT, ChannelKey.State.ACTIVE)


def _has_key(*states: str) -> Any:
    def offered(self: Any, request: HttpRequest, channel: Channel) -> bool:
        return self.has_change_permission(request, channel) and (
            not states or channel.keys.filter(state__in=states).exists()
        )

    return offered


class ChannelKeys:
    """Mixed into the channel's ModelAdmin."""

    actions_detail: Any = ("add_key", "activate_key", "retire_key")

    @form_action(
        description=_("Add key"),
        explanation=_(
            "The pair that eBET issued for this channel. It becomes the next key, or the active "
            "one if the channel has none."
        ),
        permission="wallet.add_channelkey",
        form=AddKeyForm,
        icon="key",
        url_path="add-key",
        offered=_has_key(),
    )
    def add_key(self, request: HttpRequest, channel: Channel, form: Any) -> str:
        key = rotation.add_key(channel=channel, **form.cleaned_data)
        return gettext("Key %(fingerprint)s was added.") % {"fingerprint": key.fingerprint[:16]}

    @form_action(
        description=_("Activate next key"),
        explanation=_(
            "Messages are checked and signed with it from now on; the active key is retired."
        ),
        permission="wallet.change_channelkey",
        form=NextKeyForm,
        icon="autorenew",
        url_path="activate-key",
        offered=_has_key(ChannelKey.State.NEXT),
    )
    def activate_key(self, request: HttpRequest, channel: Channel, form: Any) -> str:
        key = form.cleaned_data["key"]
        rotation.activate_key(key=key)
        return gettext("Key %(fingerprint)s is active.") % {"fingerprint": key.fingerprint[:16]}

    @form_action(
        description=_("Retire key"),
        explanation=_("Messages signed with it are refused from now on. This cannot be undone."),
        permission="wallet.change_channelkey",
        form=KeptKeyForm,
        icon="key_off",
        variant=ActionVariant.DANGER,
        url_path="retire-key",
        offered=_has_key(ChannelKey.State.NEXT, ChannelKey.State.ACTIVE),
    )
    def retire_key(self, request: HttpRequest, channel: Channel, form: Any) -> str:
        key = form.cleaned_data["key"]
        rotation.retire_key(key=key)
        return gettext("Key %(fingerprint)s is retired.") % {"fingerprint": key.fingerprint[:16]}
