"""How values look in lists and pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.template.defaultfilters import date as format_date
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

STATUS_TONES = {
    "active": "success",
    "maintenance": "warning",
    "locked": "warning",
    "closed": "danger",
}


def format_money(amount: Decimal) -> str:
    """1,234,567.89; four decimals only where the last two are not zero."""
    places = 2 if amount == round(amount, 2) else 4
    return f"{amount:,.{places}f}"


def money(amount: Decimal | None, *, signed: bool = False) -> SafeString | str:
    """An amount in tabular figures, red below zero; ``signed`` shows the plus as well."""
    if amount is None:
        return "—"
    text = format_money(amount)
    if signed and amount > 0:
        text = f"+{text}"
    tone = "negative" if amount < 0 else "positive" if signed and amount > 0 else "neutral"
    return format_html('<span class="money money-{}">{}</span>', tone, text)


def moment(value: datetime | None) -> SafeString | str:
    """A point in time in the reader's time zone, to the second, sortable by eye."""
    if value is None:
        return "—"
    text = format_date(timezone.localtime(value), "Y-m-d H:i:s")
    return format_html('<span class="moment">{}</span>', text)


def link(obj: Model | None, text: Any = None, *, view: str = "change") -> SafeString | str:
    """A link to an object's page."""
    if obj is None:
        return "—"
    opts = obj._meta
    try:
        address = reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=[quote(obj.pk)])
    except NoReverseMatch:
        return str(text or obj)
    return format_html('<a class="link" href="{}">{}</a>', address, text or obj)


def remark(text: str) -> SafeString | str:
    """A sentence in a table, which gets some width where there is little."""
    return format_html('<span class="remark">{}</span>', text) if text else "—"


def copyable(text: str) -> SafeString | str:
    """A long identifier in a fixed-width face: cut short in lists, whole under the pointer."""
    if not text:
        return "—"
    return format_html('<code class="identifier" title="{}">{}</code>', text, text)


def label(text: object, tone: str = "default") -> SafeString:
    """A small coloured badge; tones: default, info, success, warning, danger."""
    return _label(str(text), tone)


@lru_cache(maxsize=512)
def _label(text: str, tone: str) -> SafeString:
    """The same few stand in every row of a list; drawing each anew takes longer than the query."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": tone})
