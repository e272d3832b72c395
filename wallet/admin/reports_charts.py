"""The daily summary as charts: days as bars with revenue as a line, or what earned most."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from wallet.admin.charts import OPTIONS, dataset
from wallet.admin.display import format_money

Rows = Sequence[Mapping[str, Any]]
MOST_BARS = 15
# What names a group: the key that tells it apart, and the column that says it.
_LABELS = {
    "game": "game_name",
    "agent_id": "agent__agent_id",
    "sub_channel_id": "sub_channel__number",
    "channel_id": "channel_id",
}


def charts_of(rows: Rows) -> list[dict[str, Any]]:
    """One chart a currency; none where there is nothing to compare."""
    charts = []
    for currency in sorted({row["currency"] for row in rows}):
        of_currency = [row for row in rows if row["currency"] == currency]
        if data := _of_days(of_currency) or _of_groups(of_currency):
            revenue = sum((row["revenue"] for row in of_currency), Decimal(0))
            charts.append(
                {
                    "currency": currency,
                    "data": json.dumps(data),
                    "options": json.dumps(OPTIONS),
                    "summary": gettext("Gross revenue: %(amount)s %(currency)s")
                    % {"amount": format_money(revenue), "currency": currency},
                }
            )
    return charts


def _of_days(rows: Rows) -> dict[str, Any] | None:
    days = sorted({row["day"] for row in rows if "day" in row})
    if len(days) < 2:
        return None
    sums: dict[tuple[Any, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        for name in ("stakes", "payouts", "revenue"):
            sums[row["day"], name] += row[name]
    line = {"type": "line", "tension": 0.3, "pointRadius": 0, "borderWidth": 2, "order": 1}
    bar = {"borderRadius": 3, "order": 2}
    return {
        "labels": [f"{day:%m-%d}" for day in days],
        "datasets": [
            dataset(title, [sums[day, name] for day in days], colour, more)
            for name, title, colour, more in (
                ("stakes", gettext("Stakes"), "primary-600", bar),
                ("payouts", gettext("Payouts"), "primary-300", bar),
                ("revenue", gettext("Gross revenue"), "orange-500", line),
            )
        ],
    }


def _of_groups(rows: Rows) -> dict[str, Any] | None:
    """The groups by what they earned, the others left out."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        parts = [
            "—" if row[key] is None else str(row[name])
            for key, name in _LABELS.items()
            if key in row
        ]
        sums[" · ".join(reversed(parts))] += row["revenue"]
    if len(sums) < 2:
        return None
    best = sorted(sums, key=lambda label: abs(sums[label]), reverse=True)[:MOST_BARS]
    values = [sums[label] for label in best]
    return {
        "labels": best,
        "datasets": [dataset(gettext("Gross revenue"), values, "primary-600", {"borderRadius": 3})],
    }
