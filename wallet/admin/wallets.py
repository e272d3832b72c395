"""Wallets, their types, and the house's side."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet.admin.base import BackOfficeAdmin, ReadOnlyAdmin
from wallet.admin.display import money
from wallet.admin.filters import AutocompleteFilter, ChoicesDropdownFilter, RelatedFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername
from wallet.models import HouseAccount, LedgerEntry, Wallet, WalletType
from wallet.scope import scope_of


@admin.register(WalletType)
class WalletTypeAdmin(BackOfficeAdmin):
    """The seven types are given; names and use are the operator's choice, for all channels."""

    list_display = ("type_id", "name", "active")
    list_display_links = ("type_id", "name")
    ordering = ("type_id",)
    fields = ("type_id", "name", "active")
    readonly_fields = ("type_id",)
    scope_channel = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and scope_of(request.user).everything


class BalanceFilter(DropdownFilter):
    title = _("balance")
    parameter_name = "balance"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("negative", _("below zero")),
            ("positive", _("above zero")),
            ("held", _("with money withheld")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Wallet]) -> QuerySet[Wallet]:
        match self.value():
            case "negative":
                return queryset.filter(balance__lt=0)
            case "positive":
                return queryset.filter(balance__gt=0)
            case "held":
                return queryset.filter(held__gt=0)
        return queryset


@admin.register(Wallet)
class WalletAdmin(SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    list_display = ("player", "type", "spendable", "withheld", "currency", "version", "channel")
    list_display_links = ("player", "type")
    list_filter = (
        ("channel", RelatedFilter),
        ("player", AutocompleteFilter),
        ("type", RelatedFilter),
        BalanceFilter,
    )
    list_select_related = ("player", "type", "channel")
    money_sums = (
        (_("spendable"), Sum("balance", default=0)),
        (_("withheld"), Sum("held", default=0)),
    )
    search_fields = ("player",)
    search_help_text = _("Beginning of the username")
    scope_sub_channel = "player__sub_channel"
    fields = (
        ("player", "channel"),
        ("type", "currency"),
        ("spendable", "withheld"),
        ("version", "created_at"),
    )

    @admin.display(description=_("spendable"))
    def spendable(self, wallet: Wallet) -> str:
        return money(wallet.balance)

    @admin.display(description=_("withheld"))
    def withheld(self, wallet: Wallet) -> str:
        return money(wallet.held)


@admin.register(HouseAccount)
class HouseAccountAdmin(ReadOnlyAdmin):
    list_display = ("channel", "currency", "role")
    list_display_links = ("role",)
    list_filter = (("channel", RelatedFilter), ("role", ChoicesDropdownFilter))
    list_select_related = ("channel",)
    ordering = ("channel", "currency", "role")
    fields = ("channel", "currency", "role", "balance")

    @admin.display(description=_("balance"))
    def balance(self, account: HouseAccount) -> str:
        """Derived: what the players gave less what they got."""
        total = LedgerEntry.objects.filter(house_account=account).aggregate(total=Sum("amount"))
        return money(-(total["total"] or Decimal(0)))
