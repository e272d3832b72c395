"""How the admin looks: Unfold's setting."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Wallet back-office"),
    "SITE_HEADER": _("Wallet back-office"),
    "SITE_URL": None,
    "GLOBAL_CALLBACK": "wallet.admin.timezones.context",
    "SITE_SYMBOL": "account_balance_wallet",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "6px",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("wallet/favicon.svg"),
        }
    ],
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(62.3% .214 259.815)",
            "600": "oklch(54.6% .245 262.881)",
            "700": "oklch(48.8% .243 264.376)",
            "800": "oklch(42.4% .199 265.638)",
            "900": "oklch(37.9% .146 265.522)",
            "950": "oklch(28.2% .091 267.935)",
        },
    },
    "STYLES": [lambda request: static("wallet/admin.css")],
    "SCRIPTS": [lambda request: static("wallet/admin.js")],
    "ACCOUNT": {
        "navigation": [{"title": _("My sign-in"), "link": reverse_lazy("security")}],
    },
    "DASHBOARD_CALLBACK": "wallet.admin.home.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "config.navigation.sidebar"},
}
