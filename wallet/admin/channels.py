"""Channels with their keys, and sub-channels."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from wallet import rotation
from wallet.admin.actions import form_action
from wallet.admin.base import BackOfficeAdmin, ReadOnlyInline
from wallet.admin.display import STATUS_TONES, label
from wallet.admin.filters import ChoicesDropdownFilter, RelatedFilter
from wallet.admin.forms import ActionForm, ModelForm, model_field
from wallet.models import Channel, ChannelKey, SubChannel
from wallet.models.channels import validate_network
from wallet.scope import scope_of


class ChannelForm(ModelForm):
    allowed_networks = SimpleArrayField(
        forms.CharField(max_length=43, validators=[validate_network]),
        label=_("Allowed caller networks"),
        delimiter="\n",
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=_(
            "Networks from which eBET may call, one a line, such as 203.0.113.0/24. "
            "None listed: nobody."
        ),
    )
    batch_refund_signatures = forms.MultipleChoiceField(
        label=_("Signature of autoBatchRefund"),
        choices=Channel.RefundSignature,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("The texts over which eBET may sign autoBatchRefund."),
    )

    class Meta:
        model = Channel
        exclude = ("created_at",)
        # Django would begin them with a capital E.
        labels: ClassVar[dict[str, Any]] = {
            "ebet_api_url": _("eBET API address"),
            "refund_mode": _("Bets that eBET reports as failed"),
        }


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


@admin.register(Channel)
class ChannelAdmin(BackOfficeAdmin):
    form = ChannelForm
    list_display = ("id", "name", "currency", "status_label", "networks", "active_key")
    list_filter = (("status", ChoicesDropdownFilter), ("currency", admin.AllValuesFieldListFilter))
    search_fields = ("=id", "name__istartswith")
    search_help_text = _("Channel ID or beginning of the name")
    ordering = ("id",)
    inlines = (KeyInline,)
    actions_detail: Any = ("add_key", "activate_key", "retire_key")
    list_prefetch_related = ("keys",)
    scope_channel = "pk"
    fieldsets = (
        (
            None,
            {
                "fields": ("id", "name", "currency", "status"),
                "description": _(
                    "eBET issues the number; it never changes, nor does the currency once there "
                    "are players. A channel is never deleted: close it. In maintenance eBET is "
                    "answered 505 and nobody can play."
                ),
            },
        ),
        (
            _("Callers"),
            {
                "fields": (
                    "allowed_networks",
                    "timestamp_tolerance",
                    "session_idle_minutes",
                    "allow_weak_keys",
                )
            },
        ),
        (
            _("Behaviour"),
            {
                "fields": (
                    "auto_register",
                    "serve_callback",
                    "open_payout",
                    "refund_mode",
                    "batch_refund_signatures",
                    "compat_username",
                    "query_absolute_money",
                    "wallet_routes",
                )
            },
        ),
        (_("eBET"), {"fields": ("ebet_api_url", "launch_url")}),
    )

    def choices(self, request: HttpRequest) -> QuerySet[Channel]:
        """Staff of a sub-channel choose its channel, though they may not open its page."""
        scope = scope_of(request.user)
        if scope.everything:
            return Channel.objects.all()
        return Channel.objects.filter(pk__in=scope.channels | scope.partly)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new channel lies in nobody's scope but a superuser's."""
        return super().has_add_permission(request) and scope_of(request.user).everything

    def get_readonly_fields(
        self, request: HttpRequest, obj: Channel | None = None
    ) -> tuple[str, ...]:
        if obj is None:
            return ()
        return ("id", "currency") if obj.players.exists() else ("id",)

    @admin.display(description=_("status"))
    def status_label(self, channel: Channel) -> str:
        return label(channel.get_status_display(), STATUS_TONES[channel.status])

    @admin.display(description=_("allowed networks"))
    def networks(self, channel: Channel) -> str:
        return ", ".join(channel.allowed_networks[:3]) or gettext("nobody")

    @admin.display(description=_("active key"))
    def active_key(self, channel: Channel) -> str:
        for key in channel.keys.all():
            if key.state == ChannelKey.State.ACTIVE:
                return f"{key.bits} bit{' ⚠' if key.is_weak else ''}"
        return "—"

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


@admin.register(SubChannel)
class SubChannelAdmin(BackOfficeAdmin):
    """eBET fixes number and name of a sub-channel for ever, so they are entered once."""

    list_display = ("number", "name", "channel", "created_at")
    list_display_links = ("number", "name")
    list_filter = (("channel", RelatedFilter),)
    list_select_related = ("channel",)
    search_fields = ("=number", "name__istartswith")
    ordering = ("channel", "number")
    fieldsets = (
        (
            None,
            {
                "fields": ("channel", "number", "name", "created_at"),
                "description": _(
                    "eBET's rule: number and name are fixed once and for all, and a sub-channel "
                    "is never deleted. Check both before you save."
                ),
            },
        ),
    )
    scope_sub_channel = "pk"

    def get_readonly_fields(
        self, request: HttpRequest, obj: SubChannel | None = None
    ) -> tuple[str, ...]:
        return ("created_at",) if obj is None else ("channel", "number", "name", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        scope = scope_of(request.user)
        return super().has_add_permission(request) and bool(scope.everything or scope.channels)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Only staff of a whole channel may add to it."""
        scope = scope_of(request.user)
        rows = super().get_field_queryset(db, db_field, request)
        return rows if scope.everything else rows.filter(pk__in=scope.channels)
