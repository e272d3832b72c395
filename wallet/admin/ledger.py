"""The ledger: read, searched, filtered, exported; never edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from wallet.admin import export_links
from wallet.admin.base import ReadOnlyAdmin, ReadOnlyInline
from wallet.admin.display import copyable, link, moment, money
from wallet.admin.export_form import NONE
from wallet.admin.export_links import Found
from wallet.admin.filters import (
    AnyTimeFilter,
    AutocompleteFilter,
    ChoicesDropdownFilter,
    PeriodFilter,
    RelatedFilter,
    SizeFilter,
)
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.ledger_display import amount_cell, kind_cell, outcome_cell
from wallet.admin.name_search import in_channels, players_named
from wallet.admin.reports_filters import NO_GAME, FigureFilter, GameFilter
from wallet.admin.round_page import round_link
from wallet.models import HoldReturn, LedgerEntry


class LedgerChangeList(KeysetChangeList):
    """Adds the period, which stands above the list."""

    @property
    def period(self) -> PeriodFilter:
        return next(spec for spec in self.filter_specs if isinstance(spec, PeriodFilter))


class HoldReturnInline(ReadOnlyInline):
    model = HoldReturn
    fk_name = "entry"
    fields = ("hold", "amount")
    readonly_fields = fields


@admin.register(LedgerEntry)
class LedgerEntryAdmin(export_links.Exportable, ReadOnlyAdmin, KeysetAdmin):
    keyset_order = "posted_at"
    narrowed_by = ("player__id__exact", "channel__id__exact", "wallet__id__exact")
    export_source = "ledger"
    export_periods = {
        "posted_at": export_links.PERIOD,
        "occurred_at": ("played_since", "played_until"),
    }
    export_parameters = {
        "channel__id__exact": "channel",
        "player__id__exact": export_links.player,
        "kind__exact": "kinds",
        "outcome__exact": "outcomes",
        "figure": "figure",
        "size_from": "size_from",
        "size_to": "size_to",
        "game": lambda request, value: {"game": NONE if value == NO_GAME else value},
        "player__sub_channel__id__exact": export_links.sub_channel,
        "player__sub_channel__isnull": export_links.without("sub_channel"),
        "player__agent__id__exact": export_links.agent,
        "player__agent__isnull": export_links.without("agent"),
        "wallet__type__type_id__exact": "wallet_type",
        "wallet__id__exact": export_links.wallet,
        "house_account__id__exact": export_links.house_account,
        "round_code__exact": "round_code",
        "currency__exact": "currency",
        "posted_at__lt": export_links.until_moment,
    }
    list_display = (
        "posted",
        "player",
        "kind_label",
        "outcome_label",
        "moved",
        "after",
        "currency",
        "wallet_type",
        "round",
        "key",
    )
    list_display_links = ("posted",)
    list_filter = (
        ("posted_at", PeriodFilter),
        ("channel", RelatedFilter),
        ("player", AutocompleteFilter),
        ("kind", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        SizeFilter,
        FigureFilter,
        GameFilter,
        ("player__sub_channel", AutocompleteFilter),
        ("player__agent", AutocompleteFilter),
        ("wallet__type", RelatedFilter),
        ("occurred_at", AnyTimeFilter),
    )
    list_select_related = ("player", "wallet")
    list_before_template = "admin/wallet/ledgerentry/summary.html"
    money_sums = (
        (_("credited"), Sum("amount", filter=Q(amount__gt=0), default=0)),
        (_("debited"), Sum("amount", filter=Q(amount__lt=0), default=0)),
        (_("net"), Sum("amount")),
    )
    linked_lookups = ("wallet", "round_code", "currency", "house_account", "posted_at")
    search_fields = ("reference",)
    search_help_text = _("Reference, round code, entry number, or beginning of a username")
    scope_sub_channel = "player__sub_channel"
    inlines = (HoldReturnInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("posted", "occurred"),
                    ("kind_label", "outcome_label"),
                    ("moved", "asked"),
                    ("before", "after"),
                    ("currency", "sequence"),
                    ("player_link", "wallet_link"),
                    ("house_account", "channel"),
                )
            },
        ),
        (
            _("Origin"),
            {
                "fields": (
                    ("source", "reference"),
                    ("round", "actor"),
                    ("reason",),
                    ("reverses_link", "reversed_by"),
                    ("detail",),
                )
            },
        ),
    )

    @admin.display(description=_("posted at"))
    def posted(self, entry: LedgerEntry) -> str:
        return moment(entry.posted_at)

    @admin.display(description=_("occurred at"))
    def occurred(self, entry: LedgerEntry) -> str:
        return moment(entry.occurred_at)

    @admin.display(description=_("kind"))
    def kind_label(self, entry: LedgerEntry) -> str:
        return kind_cell(entry)

    @admin.display(description=_("outcome"))
    def outcome_label(self, entry: LedgerEntry) -> str:
        return outcome_cell(entry)

    @admin.display(description=_("amount"))
    def moved(self, entry: LedgerEntry) -> str:
        return amount_cell(entry)

    @admin.display(description=_("requested"))
    def asked(self, entry: LedgerEntry) -> str:
        return money(entry.requested, signed=True)

    @admin.display(description=_("balance before"))
    def before(self, entry: LedgerEntry) -> str:
        return money(entry.balance_after - entry.amount)

    @admin.display(description=_("balance after"))
    def after(self, entry: LedgerEntry) -> str:
        return money(entry.balance_after)

    @admin.display(description=_("wallet"))
    def wallet_type(self, entry: LedgerEntry) -> int:
        return entry.wallet.type_id

    @admin.display(description=_("round code"))
    def round(self, entry: LedgerEntry) -> str:
        return round_link(entry)

    @admin.display(description=_("reference"))
    def key(self, entry: LedgerEntry) -> str:
        return copyable(str(entry))

    @admin.display(description=_("player"))
    def player_link(self, entry: LedgerEntry) -> str:
        return link(entry.player)

    @admin.display(description=_("wallet"))
    def wallet_link(self, entry: LedgerEntry) -> str:
        return link(entry.wallet)

    @admin.display(description=_("reverses"))
    def reverses_link(self, entry: LedgerEntry) -> str:
        return link(entry.reverses)

    @admin.display(description=_("reversed by"))
    def reversed_by(self, entry: LedgerEntry) -> str:
        return link(entry.reversals.first())

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return LedgerChangeList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LedgerEntry], search_term: str
    ) -> tuple[QuerySet[LedgerEntry], bool]:
        """By the shape of what is typed; every step is one look into an index."""
        text = search_term.strip()
        if not text:
            return queryset, False
        if exact := self._exact(request, text):
            return queryset.filter(exact[0]), False
        return queryset.filter(player__in=players_named(request, text)), False

    def export_search(self, request: HttpRequest, text: str) -> Found | None:
        if exact := self._exact(request, text):
            return exact[1]
        found = players_named(request, text)
        if len(found) == 1:
            return export_links.player(request, str(found[0]))
        return {"player": f"{text}*"}

    def _exact(self, request: HttpRequest, text: str) -> tuple[Q, Found] | None:
        """The first reading of the text that finds an entry, and what exports call it."""
        source, slash, reference = text.partition("/")
        readings: list[tuple[Q, Found]] = [
            (Q(reference=text), {"reference": text}),
            (Q(round_code=text), {"round_code": text}),
        ]
        if slash:
            key = {"source_name": source, "reference": reference}
            readings.insert(0, (Q(source=source, reference=reference), key))
        if text.isascii() and text.isdigit() and len(text) < 19:
            readings.append((Q(pk=int(text)), {"entry": text}))
        channels, mine = in_channels(request), self.get_queryset(request)
        return next(
            (
                (channels & condition, found)
                for condition, found in readings
                if mine.filter(channels & condition).exists()
            ),
            None,
        )

    def get_inlines(self, request: HttpRequest, obj: LedgerEntry | None) -> Sequence[Any]:
        return self.inlines if obj is not None and obj.kind == "release" else ()

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """An entry has no history: it never changes. Its own page says everything."""
        response: HttpResponse = self.change_view(request, object_id)
        return response
