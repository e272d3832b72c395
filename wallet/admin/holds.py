"""What holds withhold of the players' money."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import link, moment, money
from wallet.admin.keyset import KeysetAdmin
from wallet.models import Hold


@admin.register(Hold)
class HoldAdmin(ReadOnlyAdmin, KeysetAdmin):
    list_display = ("entry", "player", "withheld", "open", "since")
    list_display_links = ("entry",)
    list_select_related = ("entry__player", "wallet")
    search_fields = ("entry__reference",)
    search_help_text = _("Reference")
    scope_channel = "entry__channel"
    scope_sub_channel = "entry__player__sub_channel"
    fields = ("entry", "wallet", "withheld", "open", "since")

    @admin.display(description=_("player"))
    def player(self, hold: Hold) -> str:
        return link(hold.entry.player)

    @admin.display(description=_("withheld"))
    def withheld(self, hold: Hold) -> str:
        return money(hold.amount)

    @admin.display(description=_("not yet returned"))
    def open(self, hold: Hold) -> str:
        return money(hold.remaining)

    @admin.display(description=_("since"))
    def since(self, hold: Hold) -> str:
        return moment(hold.entry.posted_at)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Hold], search_term: str
    ) -> tuple[QuerySet[Hold], bool]:
        text = search_term.strip().rpartition("/")[2]
        return (queryset.filter(entry__reference=text) if text else queryset), False
