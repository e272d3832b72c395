"""What an export's file must add up to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from wallet.exports.sources import Request, Selection


def make_manifest(selection: Selection, request: Request) -> dict[str, Any]:
    """The request in words of its own, and by currency the balances around the movements.

    ``opening`` and ``closing`` are what the players in scope could spend before and after the
    period; ``movements`` are all kinds, those that the filters leave out of the file too. Amounts
    are text, exact to the last decimal.
    """
    manifest: dict[str, Any] = {
        "source": request.source,
        "filters": dict(request.filters),
        "columns": [column.name for column in selection.columns],
        "since": selection.period.since.isoformat(),
        "until": selection.period.until.isoformat(),
        "zone": selection.period.zone,
    }
    if selection.has_money:
        manifest["currencies"] = _currencies(selection)
    return manifest


def _currencies(selection: Selection) -> dict[str, dict[str, Any]]:
    moment, period = selection.moment, selection.period
    everything = selection.everything.order_by()
    opening: dict[str, Decimal] = dict(
        everything.filter(**{f"{moment}__lt": period.since})
        .values_list("currency")
        .annotate(total=Sum("amount"))
    )
    kinds = (
        everything.filter(**{f"{moment}__gte": period.since, f"{moment}__lt": period.until})
        .values_list("currency", "kind")
        .annotate(entries=Count("pk"), total=Sum("amount"))
        .order_by("currency", "kind")
    )
    totals: dict[str, dict[str, Any]] = {}
    closing = dict(opening)
    for currency, kind, entries, total in kinds:
        closing[currency] = closing.get(currency, Decimal(0)) + total
        movements = totals.setdefault(currency, {})
        movements[kind] = {"entries": entries, "amount": str(total)}
    return {
        currency: {
            "opening": str(opening.get(currency, Decimal("0.0000"))),
            "movements": totals.get(currency, {}),
            "closing": str(balance),
        }
        for currency, balance in sorted(closing.items())
    }
