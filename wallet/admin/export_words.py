"""Exports in words: what they hold, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from wallet.admin.display import label, moment, money
from wallet.exports.filters import Filter
from wallet.exports.sources import SOURCES
from wallet.models import EntryKind, Export

TONES = {
    "queued": "info",
    "running": "info",
    "done": "success",
    "failed": "danger",
    "cancelled": "default",
    "expired": "default",
}


def title_of(source: str) -> str:
    return str(SOURCES[source].title) if source in SOURCES else source


def state_of(export: Export) -> SafeString:
    text = export.get_state_display()
    if export.state == Export.State.RUNNING:
        text = f"{text} {export.percent} %"
    return label(text, TONES[export.state])


def days_of(stored: Mapping[str, Any]) -> str:
    """The period, with its zone."""
    if "since" not in stored:
        return "—"
    return f"{stored['since']} – {stored['until']} · {stored['zone']}"


def filters_of(source: str, stored: Mapping[str, Any]) -> SafeString | str:
    """The conditions by their titles, a line for each."""
    known = SOURCES[source].filters if source in SOURCES else {}
    lines = [
        (capfirst(known[name].title) if name in known else name, _value(known.get(name), value))
        for name, value in stored.get("filters", {}).items()
    ]
    return format_html_join("", "<div>{}: {}</div>", lines) or "—"


def delivery_of(export: Export) -> SafeString | str:
    """Whether it is in the store, or why not."""
    if export.delivered_at:
        return label(_("delivered"), "success")
    if export.delivery_problem:
        again = (
            _("tried again at %(moment)s") % {"moment": moment(export.delivery_due_at)}
            if export.delivery_due_at
            else _("given up")
        )
        return format_html(
            "{} {} · {}", label(_("not delivered"), "danger"), export.delivery_problem, again
        )
    return _("not yet") if export.deliver else "—"


def totals_of(export: Export) -> SafeString | str:
    """What the file adds up to: by currency the balances around the movements."""
    currencies = (export.manifest or {}).get("currencies")
    if not currencies:
        return "—"
    return render_to_string(
        "admin/wallet/export/totals.html",
        {
            "totals": [
                {
                    "currency": currency,
                    "opening": money(Decimal(found["opening"])),
                    "movements": [
                        (
                            EntryKind(kind).label,
                            one["entries"],
                            money(Decimal(one["amount"]), signed=True),
                        )
                        for kind, one in found["movements"].items()
                    ],
                    "closing": money(Decimal(found["closing"])),
                }
                for currency, found in currencies.items()
            ]
        },
    )


def download_of(export: Export) -> SafeString | str:
    if export.state != Export.State.DONE:
        return "—"
    return format_html(
        '<a class="link" href="{}">{}</a> · <a class="link" href="{}">{}</a>',
        reverse("admin:wallet_export_download", args=[export.pk]),
        _("Download"),
        reverse("admin:wallet_export_manifest", args=[export.pk]),
        _("Manifest"),
    )


def _value(one: Filter | None, value: Any) -> str:
    if value is None:
        return str(one.none) if one and one.none else "—"
    if isinstance(value, list):
        return ", ".join(_value(one, item) for item in value)
    names = {str(key): name for key, name in one.choices} if one else {}
    return str(names.get(str(value), value))
