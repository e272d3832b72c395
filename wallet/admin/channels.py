"""Channels and sub-channels."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from wallet.admin.base import BackOfficeAdmin
from wallet.admin.channel_keys import ChannelKeys, KeyInline
from wallet.admin.display import STATUS_TONES, label
from wallet.admin.filters import ChoicesDropdownFilter, RelatedFilter
from wallet.admin.forms import ModelForm
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


@admin.register(Channel)
class ChannelAdmin(ChannelKeys, BackOfficeAdmin):
    form = ChannelForm
    list_display = ("id", "name", "currency", "status_label", "networks", "active_key")
    list_filter = (("status", ChoicesDropdownFilter), ("currency", admin.AllValuesFieldListFilter))
    search_fields = ("=id", "name__istartswith")
    search_help_text = _("Channel ID or beginning of the name")
    ordering = ("id",)
    inlines = (KeyInline,)
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
        (_("Connection to eBET"), {"fields": ("ebet_api_url", "launch_url")}),
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
