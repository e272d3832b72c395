"""The inbox: every message, its answer, and the cases that wait for a person."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from callbacks.admin_actions import InboxActions, pretty
from callbacks.admin_rounds import heard
from callbacks.models import ATTENTION, FINE, Attention, ReceivedCallback
from wallet.admin import export_links, home
from wallet.admin.base import ReadOnlyAdmin, choices_of
from wallet.admin.display import copyable, label, link, moment
from wallet.admin.filters import ChoicesDropdownFilter, PeriodFilter
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.lanes import channel_lanes
from wallet.admin.round_page import HEARD, round_link
from wallet.models import Channel
from wallet.scope import scope_of, visible

TONES = {
    "answered": "default",
    "applied": "success",
    "replayed": "info",
    "refused": "warning",
    "failed": "danger",
}
EVENTS = (
    "registerOrLogin",
    "syncCredit",
    "increaseCredit",
    "queryIncreaseCreditRecord",
    "refundSingleWallet",
    "autoBatchRefund",
    "callback",
    "netCheck",
)


def _refused_today(request: HttpRequest, since: datetime) -> dict[int, int]:
    rows = (
        visible(request.user, ReceivedCallback.objects.all(), channel="channel_number")
        .filter(received_at__gte=since)
        .exclude(decision__in=FINE)
        .values("channel_number")
        .annotate(count=Count("pk"))
    )
    counts: dict[int, int] = {}
    for row in rows.order_by():
        if row["channel_number"] is not None:
            counts[row["channel_number"]] = row["count"]
    return counts


def _open_cases(request: HttpRequest) -> list[home.Alert]:
    if not request.user.has_perm("callbacks.view_receivedcallback"):
        return []
    rows = ReceivedCallback.objects.open_cases()
    return [
        home.Alert(
            _("Callbacks that wait for a person"),
            visible(request.user, rows, channel="channel_number").count(),
            reverse("admin:callbacks_receivedcallback_changelist")
            + "?attention=open&received_at=all",
            urgent=True,
        )
    ]


home.REGISTRY.columns.append(
    home.Column(_("refused callbacks"), "callbacks.view_receivedcallback", _refused_today)
)
home.REGISTRY.alerts.append(_open_cases)
HEARD.append(heard)


class ChannelNumberFilter(DropdownFilter):
    title = _("channel")
    parameter_name = "channel_number"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        channels = choices_of(Channel, request).order_by("pk")
        return [(str(channel.pk), str(channel)) for channel in channels]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReceivedCallback]
    ) -> QuerySet[ReceivedCallback]:
        value = self.value()
        known = {number for number, _name in self.lookup_choices}
        return queryset.filter(channel_number=value) if value in known else queryset


class EventFilter(DropdownFilter):
    title = _("event")
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(event, event) for event in EVENTS]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReceivedCallback]
    ) -> QuerySet[ReceivedCallback]:
        return queryset.filter(event=self.value()) if self.value() else queryset


class OpenCaseFilter(DropdownFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Attention.choices)

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ReceivedCallback]
    ) -> QuerySet[ReceivedCallback]:
        condition = ATTENTION.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


@admin.register(ReceivedCallback)
class ReceivedCallbackAdmin(InboxActions, export_links.Exportable, ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "received_at"
    export_source = "inbox"
    export_periods = {"received_at": export_links.PERIOD}
    export_parameters = {
        "channel_number": "channel",
        "attention": "attention",
        "event": "event",
        "decision__exact": "decisions",
        "case__exact": "cases",
    }
    list_display = (
        "received",
        "event",
        "channel_number",
        "username",
        "status",
        "decision_label",
        "case_label",
        "milliseconds",
        "seq",
        "address",
    )
    list_display_links = ("received",)
    list_filter = (
        ("received_at", PeriodFilter),
        OpenCaseFilter,
        ChannelNumberFilter,
        EventFilter,
        ("decision", ChoicesDropdownFilter),
        ("case", ChoicesDropdownFilter),
    )
    search_fields = ("seq_no",)
    search_help_text = _("seqNo, round code, username or caller, whole")
    scope_channel = "channel_number"
    actions_detail = ("rehearse", "mark_handled")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("received", "milliseconds"),
                    ("event", "status"),
                    ("decision_label", "http_status"),
                    ("channel_number", "username"),
                    ("seq", "round"),
                    ("address", "key"),
                    ("entry_link", "note"),
                    ("case_label", "handled"),
                )
            },
        ),
        (_("Messages"), {"fields": ("request_text", "answer_text")}),
    )

    @admin.display(description=_("received at"))
    def received(self, row: ReceivedCallback) -> str:
        return moment(row.received_at)

    @admin.display(description=_("decision"))
    def decision_label(self, row: ReceivedCallback) -> str:
        return label(row.get_decision_display(), TONES[row.decision])

    @admin.display(description=_("case"))
    def case_label(self, row: ReceivedCallback) -> str:
        if not row.case:
            return "—"
        return label(row.get_case_display(), "default" if row.handled_at else "danger")

    @admin.display(description=_("time taken"))
    def milliseconds(self, row: ReceivedCallback) -> str:
        return f"{row.microseconds / 1000:.1f} ms"

    @admin.display(description="seqNo")
    def seq(self, row: ReceivedCallback) -> str:
        return copyable(row.seq_no)

    @admin.display(description=_("round code"))
    def round(self, row: ReceivedCallback) -> str:
        return round_link(row.entry) if row.entry else copyable(row.round_code)

    @admin.display(description=_("ledger entry"))
    def entry_link(self, row: ReceivedCallback) -> str:
        return link(row.entry)

    @admin.display(description=_("handled"))
    def handled(self, row: ReceivedCallback) -> str:
        if row.handled_at is None:
            return "—"
        return format_html("{} · {}", moment(row.handled_at), row.handled_by)

    @admin.display(description=_("request"))
    def request_text(self, row: ReceivedCallback) -> str:
        return pretty(row.request)

    @admin.display(description=_("answer"))
    def answer_text(self, row: ReceivedCallback) -> str:
        return pretty(row.answer)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ReceivedCallback], search_term: str
    ) -> tuple[QuerySet[ReceivedCallback], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        found = self._reading(request, text)
        return (queryset.filter(**{found[0]: found[1]}) if found else queryset.none()), False

    def export_search(self, request: HttpRequest, text: str) -> export_links.Found | None:
        names = {"username": "player", "address": "caller"}
        found = self._reading(request, text)
        return {names.get(found[0], found[0]): found[1]} if found else None

    def _reading(self, request: HttpRequest, text: str) -> tuple[str, str] | None:
        """The column in which the text stands, and how."""
        mine = self.get_queryset(request)
        for name, value in (("seq_no", text), ("round_code", text), ("username", text.lower())):
            if mine.filter(**{name: value}).exists():
                return name, value
        try:
            return "address", str(ip_address(text))
        except ValueError:
            return None

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> list[Q]:
        if changelist.query or request.GET.get("channel_number"):
            return []
        if scope_of(request.user).everything:
            return []  # the newest of all channels have an index of their own
        return channel_lanes(request, channel="channel_number")
