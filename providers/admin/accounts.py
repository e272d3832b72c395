"""What exists outside: accounts, and transfers of money to and from them."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from providers.admin.account_actions import AccountActions
from providers.models import (
    ProviderAccount,
    ProviderTransfer,
)
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, moment, money
from wallet.admin.filters import ChoicesDropdownFilter, RecentFilter, RelatedFilter
from wallet.admin.keyset import KeysetAdmin

TRANSFER_TONES = {"open": "warning", "settled": "success", "released": "default"}


@admin.register(ProviderAccount)
class ProviderAccountAdmin(AccountActions, ReadOnlyAdmin, KeysetAdmin):
    list_display = (
        "external_name",
        "player",
        "target",
        "exists_since",
        "confirmed_by",
        "last_balance",
        "external_id",
    )
    list_filter = (("channel", RelatedFilter), ("target", RelatedFilter))
    list_select_related = ("player", "target", "channel")
    search_fields = ("external_name__startswith", "player__username__startswith")
    search_help_text = _("Beginning of the name there or of the username")
    scope_sub_channel = "player__sub_channel"
    fields = (
        ("player", "channel"),
        ("target", "external_name"),
        ("is_alias", "external_id"),
        ("exists_since", "confirmed_by"),
        ("last_balance", "balance_as_of"),
    )

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
    search_fields = ("order_id", "account__player__username__startswith")
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
