"""What exists outside: accounts, and transfers of money to and from them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from providers.admin.account_actions import AccountActions
from providers.admin.panels import ACCOUNT_PANELS, TRANSFER_TONES
from providers.models import ProviderAccount, ProviderTransfer, Target
from wallet.admin.base import ReadOnlyAdmin, choices_of
from wallet.admin.display import label, moment, money
from wallet.admin.filters import (
    AutocompleteFilter,
    ChoicesDropdownFilter,
    RecentFilter,
    RelatedFilter,
)
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername, players_named


def _settled(direction: str) -> Sum:
    done = Q(state=ProviderTransfer.State.SETTLED, direction=direction)
    return Sum("amount", filter=done, default=0)


@admin.register(ProviderAccount)
class ProviderAccountAdmin(AccountActions, SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    change_form_after_template = "admin/providers/provideraccount/panels.html"
    list_display = (
        "name_there",
        "player",
        "target",
        "exists_since",
        "confirmed_by",
        "last_balance",
        "external_id",
    )
    list_filter = (("channel", RelatedFilter), ("target", AutocompleteFilter))
    list_select_related = ("player", "target", "channel")
    search_fields = ("player",)
    search_help_text = _("Beginning of the username, or the name there")
    scope_sub_channel = "player__sub_channel"
    fields = (
        ("player", "channel"),
        ("target", "name_there"),
        ("external_id", "created"),
        ("exists_since", "confirmed_by"),
        ("last_balance", "balance_as_of"),
    )

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        account = self.get_object(request, object_id) if object_id else None
        panels = [
            (panel, panel.build(request, account))
            for panel in ACCOUNT_PANELS
            if account and request.user.has_perm(panel.permission)
        ]
        return super().changeform_view(
            request, object_id, form_url, {"panels": panels, **(extra_context or {})}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProviderAccount], search_term: str
    ) -> tuple[QuerySet[ProviderAccount], bool]:
        """A whole name there, else a username or its beginning."""
        there = {
            "namespace__in": list(choices_of(Target, request).values_list("namespace", flat=True)),
            "external_name": search_term.strip(),
        }
        if self.get_queryset(request).filter(**there).exists():
            return queryset.filter(**there), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("name there"))
    def name_there(self, account: ProviderAccount) -> str:
        if not account.is_alias:
            return account.external_name
        return format_html("{} {}", account.external_name, label(_("alias"), "info"))

    @admin.display(description=_("created at"))
    def created(self, account: ProviderAccount) -> str:
        return moment(account.created_at)

    @admin.display(description=_("exists since"))
    def exists_since(self, account: ProviderAccount) -> str:
        return moment(account.confirmed_at)

    @admin.display(description=_("last known balance"))
    def last_balance(self, account: ProviderAccount) -> str:
        return money(account.balance)

    @admin.display(description=_("balance as of"))
    def balance_as_of(self, account: ProviderAccount) -> str:
        return moment(account.balance_at)


@admin.register(ProviderTransfer)
class ProviderTransferAdmin(ReadOnlyAdmin, KeysetAdmin):
    list_display = (
        "created",
        "order_id",
        "account",
        "direction",
        "moved",
        "currency",
        "state_label",
        "requested_by",
    )
    list_display_links = ("created", "order_id")
    list_filter = (
        ("created_at", RecentFilter),
        ("channel", RelatedFilter),
        ("state", ChoicesDropdownFilter),
        ("direction", ChoicesDropdownFilter),
    )
    list_select_related = ("account", "channel", "requested_by")
    money_sums = (
        (_("settled to the provider"), _settled(ProviderTransfer.Direction.FUND)),
        (_("settled from the provider"), _settled(ProviderTransfer.Direction.TAKE_BACK)),
    )
    search_fields = ("order_id",)
    search_help_text = _("Order ID or beginning of the username")
    scope_sub_channel = "account__player__sub_channel"
    fields = (
        ("created", "order_id"),
        ("account", "wallet"),
        ("direction", "moved"),
        ("game", "state_label"),
        ("requested_by", "reason"),
        ("job", "finished"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ProviderTransfer], search_term: str
    ) -> tuple[QuerySet[ProviderTransfer], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if self.get_queryset(request).filter(order_id=text).exists():
            return queryset.filter(order_id=text), False
        return queryset.filter(account__player__in=players_named(request, text)), False

    @admin.display(description=_("created at"))
    def created(self, transfer: ProviderTransfer) -> str:
        return moment(transfer.created_at)

    @admin.display(description=_("amount"))
    def moved(self, transfer: ProviderTransfer) -> str:
        return money(transfer.amount)

    @admin.display(description=_("state"))
    def state_label(self, transfer: ProviderTransfer) -> str:
        return label(transfer.get_state_display(), TRANSFER_TONES[transfer.state])

    @admin.display(description=_("finished at"))
    def finished(self, transfer: ProviderTransfer) -> str:
        return moment(transfer.finished_at)
