"""The last days as charts, one a currency, drawn from the hourly totals."""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from wallet import totals
from wallet.admin.charts import OPTIONS, dataset
from wallet.admin.display import format_money
from wallet.models import HourlyTotal

DAYS: Final = 30
NO_FIGURES = totals.Figures(0, *[Decimal(0)] * 4)
# Days that are over hardly change, and adding them up takes longer than all the rest.
KEPT_SECONDS: Final = 300

Days = dict[tuple[date, str], totals.Figures]


def charts_of(rows: QuerySet[HourlyTotal], scope: Hashable) -> list[dict[str, Any]]:
    """Of the rows that the reader may see: stakes and winnings as bars, revenue as a line.

    Readers of equal ``scope`` see the same rows.
    """
    today = timezone.localdate()
    days = [today - timedelta(days=number) for number in reversed(range(DAYS))]
    so_far = totals.by_day(rows, since=_midnight(today), zone=_zone())
    figures = _past(rows, scope, days[0], today) | so_far
    currencies = sorted({currency for _day, currency in figures})
    charts = []
    for currency in currencies:
        series = [figures.get((day, currency), NO_FIGURES) for day in days]
        bar = {"borderRadius": 3, "order": 2}
        line = {"type": "line", "tension": 0.3, "pointRadius": 0, "borderWidth": 2, "order": 1}
        datasets = [
            dataset(gettext("Stakes"), [row.stakes for row in series], "primary-600", bar),
            dataset(gettext("Winnings"), [row.winnings for row in series], "primary-300", bar),
            dataset(gettext("Gross revenue"), [row.revenue for row in series], "orange-500", line),
        ]
        revenue = sum((row.revenue for row in series), Decimal(0))
        charts.append(
            {
                "currency": currency,
                "data": json.dumps(
                    {"labels": [f"{day:%m-%d}" for day in days], "datasets": datasets}
                ),
                "options": json.dumps(OPTIONS),
                "summary": gettext("Gross revenue of %(days)d days: %(amount)s %(currency)s")
                % {"days": DAYS, "amount": format_money(revenue), "currency": currency},
            }
        )
    return charts


def _past(rows: QuerySet[HourlyTotal], scope: Hashable, first: date, today: date) -> Days:
    """The days before today."""
    zone = _zone()
    key = f"home:{first}:{zone}:{sha256(repr(scope).encode()).hexdigest()}"
    found: Days | None = cache.get(key)
    if found is None:
        since, until = _midnight(first), _midnight(today)
        found = totals.by_day(rows, since=since, until=until, zone=zone)
        if found:  # a ledger that was just filled shows at once
            cache.set(key, found, KEPT_SECONDS)
    return found


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
