"""Django's own admin of the same tables: a default ModelAdmin with the same columns.

Only the number of rows is ours, since a page of a hundred would take it longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import path, reverse

from callbacks.models import ReceivedCallback
from providers.models import ProvisioningJob
from tests.bench.admin.data import EVERYTHING
from tests.bench.admin.timing import Page
from wallet.models import AuditEvent, LedgerEntry, LoginEvent, Player, PlayerSession

RUNS = 3
SITE = AdminSite()


class _Stock(ModelAdmin):  # type: ignore[type-arg]
    list_per_page = 25


class Entries(_Stock):
    list_display = (
        *("posted_at", "player", "kind", "outcome", "amount", "balance_after", "currency"),
        *("wallet", "round_code", "reference"),
    )
    list_filter = ("posted_at", "channel", "kind", "outcome")
    search_fields = ("reference", "round_code", "player__username")


class Players(_Stock):
    list_display = (
        *("username", "nickname", "status", "channel", "sub_channel", "agent"),
        *("registered_at", "last_login_at"),
    )
    list_filter = ("channel", "status", "registered_at")
    search_fields = ("username",)


class Inbox(_Stock):
    list_display = (
        *("received_at", "event", "channel_number", "username", "status", "decision", "case"),
        *("microseconds", "seq_no", "address"),
    )
    list_filter = ("received_at", "decision", "case")
    search_fields = ("seq_no", "round_code", "username")


class Jobs(_Stock):
    list_display = (
        *("created_at", "kind", "player", "target", "state", "attempts", "code", "message"),
        "next_attempt_at",
    )
    list_filter = ("created_at", "channel", "state", "kind")
    search_fields = ("player__username",)


class Audit(_Stock):
    list_display = (
        *("at", "actor", "address", "action", "relation", "object_id", "after"),
        "channel_number",
    )
    list_filter = ("at", "action")
    search_fields = ("object_id",)


class Logins(_Stock):
    list_display = ("at", "username", "outcome", "address", "event_type", "channel")
    list_filter = ("at", "channel", "outcome")
    search_fields = ("username",)


class Sessions(_Stock):
    list_display = (
        *("last_used_at", "player", "created_at", "end_reason", "address", "platform"),
        *("fixed", "channel"),
    )
    list_filter = ("last_used_at", "channel")
    search_fields = ("player__username",)


SITE.register(LedgerEntry, Entries)
SITE.register(Player, Players)
SITE.register(ReceivedCallback, Inbox)
SITE.register(ProvisioningJob, Jobs)
SITE.register(AuditEvent, Audit)
SITE.register(LoginEvent, Logins)
SITE.register(PlayerSession, Sessions)
urlpatterns = [path("admin/", SITE.urls)]


def pages() -> Iterator[Page]:
    """Every list's first page, and more of the ledger's."""
    for model, model_admin in SITE._registry.items():
        table = model._meta.model_name or ""
        address = reverse(f"admin:{model._meta.app_label}_{table}_changelist")
        asked = {"first page": ""}
        if model is LedgerEntry:
            entry = LedgerEntry.objects.order_by("-pk")[1_000]
            last = LedgerEntry.objects.count() // model_admin.list_per_page
            asked |= {
                "middle page, all time": f"p={last // 2}",
                "last page, all time": f"p={last}",
                "a common kind": "kind__exact=bet",
                "searched: reference": f"q={entry.reference}",
            }
        for name, query in asked.items():
            yield Page(table, name, f"{address}?{query}", EVERYTHING)
