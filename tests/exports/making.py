"""Exports asked for, made, and read back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import QuerySet

from tests.wallet.money import new_player, unique
from wallet import ledger
from wallet.exports import jobs
from wallet.exports.sources import Request
from wallet.models import Channel, EntryKind, Export


def may_export() -> QuerySet[Permission]:
    return Permission.objects.filter(
        codename__in=["export_ledger", "view_ledgerentry", "view_player"]
    )


def today(**more: Any) -> Request:
    day = datetime.now(UTC).date().isoformat()
    return Request(since=day, until=day, zone="UTC", **more)


def post(wallet_id: int, amount: str, kind: EntryKind = EntryKind.ADJUSTMENT) -> None:
    answer = ledger.post(
        wallet_id=wallet_id,
        kind=kind,
        amount=Decimal(amount),
        source="test",
        reference=unique(),
    )
    assert answer.accepted


def wallet_of(channel: Channel, balance: str = "100") -> int:
    return new_player(balance, channel=channel).wallets.get(type_id=0).pk


def run(export: Export) -> Export:
    assert jobs.run_due() >= 1
    export.refresh_from_db()
    return export


def rows(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(export.file.path).read_text())))


def totals(export: Export) -> dict[str, Any]:
    """What the manifest says of the only currency."""
    assert export.manifest is not None
    ((currency, figures),) = export.manifest["currencies"].items()
    assert currency == "CNY"
    found: dict[str, Any] = figures
    return found
