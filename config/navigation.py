"""The admin's sidebar: what staff look for, in the order of a working day."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

_GROUPS: tuple[tuple[Promise, tuple[tuple[str, str], ...]], ...] = (
    (
        _("Players"),
        (
            ("group", "wallet.player"),
            ("account_balance_wallet", "wallet.wallet"),
            ("devices", "wallet.playersession"),
            ("login", "wallet.loginevent"),
            ("sticky_note_2", "wallet.note"),
        ),
    ),
    (
        _("Money"),
        (
            ("receipt_long", "wallet.ledgerentry"),
            ("casino", "wallet.round"),
            ("bar_chart", "wallet.reportline"),
            ("compare_arrows", "wallet.reconciliation"),
            ("difference", "wallet.reconciliationitem"),
            ("rule", "wallet.adjustment"),
            ("hourglass_top", "wallet.hold"),
            ("account_balance", "wallet.houseaccount"),
            ("download", "wallet.export"),
            ("schedule", "wallet.exportschedule"),
        ),
    ),
    (
        _("Traffic"),
        (
            ("inbox", "callbacks.receivedcallback"),
            ("outbox", "providers.provisioningjob"),
            ("playlist_add_check", "providers.bulkrun"),
            ("badge", "providers.provideraccount"),
            ("swap_horiz", "providers.providertransfer"),
        ),
    ),
    (
        _("Set-up"),
        (
            ("hub", "wallet.channel"),
            ("device_hub", "wallet.subchannel"),
            ("account_tree", "wallet.agent"),
            ("wallet", "wallet.wallettype"),
            ("router", "providers.target"),
            ("lan", "providers.beiyingsite"),
            ("pin", "providers.hrgcode"),
        ),
    ),
    (
        _("Staff"),
        (
            ("manage_accounts", "auth.user"),
            ("shield_person", "auth.group"),
            ("price_check", "wallet.approvallimit"),
            ("how_to_reg", "wallet.stafflogin"),
            ("devices_other", "wallet.staffsession"),
        ),
    ),
    (
        _("Proof"),
        (
            ("verified", "wallet.verification"),
            ("lock", "wallet.seal"),
            ("policy", "wallet.auditevent"),
        ),
    ),
)


# What Django calls by names that fit no back-office.
_TITLES = {"auth.user": _("Staff members"), "auth.group": _("Roles")}


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """The groups with the pages that this member of staff may open."""
    home = {"title": _("Home"), "icon": "home", "link": reverse("admin:index")}
    groups: list[dict[str, Any]] = [{"title": "", "items": [home]}]
    for title, entries in _GROUPS:
        items = [item for icon, model in entries if (item := _item(request, icon, model))]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _item(request: HttpRequest, icon: str, label: str) -> dict[str, Any] | None:
    model = apps.get_model(label)
    if not admin.site.get_model_admin(model).has_view_permission(request):
        return None
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    title = capfirst(_TITLES.get(label, model._meta.verbose_name_plural))
    item: dict[str, Any] = {"title": title, "icon": icon, "link": address}
    if label == "wallet.export" and (count := getattr(request, "unseen_exports", 0)):
        item |= {"badge": count, "badge_variant": "success"}
    return item
