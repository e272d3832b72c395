"""What the channels' pages get from the app that can call eBET."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from providers.ebet import selftest
from wallet.admin import channels
from wallet.admin.actions import form_action, show_report
from wallet.models import Channel

TONES = {"good": "success", "warning": "warning", "bad": "danger", "skipped": "default"}
WORDS = {"good": _("good"), "warning": _("mind"), "bad": _("failed"), "skipped": _("not tried")}

admin.site.unregister(Channel)


@admin.register(Channel)
class ChannelAdmin(channels.ChannelAdmin):
    actions_detail: Any = ("test_call", *channels.ChannelAdmin.actions_detail)

    @form_action(
        description=_("Test call"),
        explanation=_(
            "Calls our own addresses as eBET would, signed with the channel's key, and asks eBET "
            "for the address of its games. No money moves; the two calls stand in the inbox."
        ),
        submit=_("Call"),
        permission="wallet.test_channel",
        icon="network_check",
        url_path="test-call",
    )
    def test_call(self, request: HttpRequest, channel: Channel, form: Any) -> HttpResponse:
        steps = selftest.try_channel(channel, own_url=request.build_absolute_uri("/"))
        return show_report(
            self,
            request,
            channel,
            ChannelAdmin.test_call,
            template="admin/wallet/channel/test_call.html",
            steps=[(step, WORDS[step.outcome], TONES[step.outcome]) for step in steps],
        )
