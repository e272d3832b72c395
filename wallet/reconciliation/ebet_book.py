"""Our side of eBET's messages: the ledger's entries by seqNo."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Final

from wallet.models import Channel, LedgerEntry
from wallet.reconciliation.matching import Record

SOURCE: Final = "ebet:"
REFUND: Final = "ebet:refund"
_BATCH: Final = 5000


def ours_of(
    *, channel: Channel, since: datetime, until: datetime, seq_nos: Iterable[str]
) -> tuple[dict[str, Record], set[str]]:
    """Our records by seqNo, and which of them were posted in the period.

    They are those of the period, and those under ``seq_nos`` whenever they were posted. Several
    movements under one seqNo make one record, and so does whatever a refund message gave back; for
    refunds no amount is named.
    """
    entries = (
        LedgerEntry.objects.filter(channel=channel, source__startswith=SOURCE)
        .exclude(outcome=LedgerEntry.Outcome.TOMBSTONE)
        .select_related("player", "reverses")
        .order_by("pk")
    )
    period = entries.filter(posted_at__gte=since, posted_at__lt=until)
    movements = _movements(period.exclude(source=REFUND).iterator(_BATCH))
    refunds = _refunds(period.filter(source=REFUND).iterator(_BATCH))
    within = {*movements, *refunds}
    for some in _batches(key for key in seq_nos if key not in movements):
        found = entries.filter(reference__in=some).exclude(source=REFUND)
        movements |= _movements(found.iterator(_BATCH))
    return refunds | movements, within


def _movements(entries: Iterable[LedgerEntry]) -> dict[str, Record]:
    records: dict[str, Record] = {}
    for entry in entries:
        before = records.get(entry.reference)
        applied = entry.outcome == LedgerEntry.Outcome.APPLIED
        records[entry.reference] = Record(
            key=entry.reference,
            done=applied or (before is not None and before.done is True),
            player=entry.player.username,
            amount=_plus(before, entry),
            at=entry.posted_at,
            says=entry.code or entry.outcome,
            entry_id=entry.pk,
        )
    return records


def _plus(before: Record | None, entry: LedgerEntry) -> Decimal:
    """What was asked for, as a refusal is compared too."""
    already = before.amount if before else None
    return entry.requested + (already or Decimal(0))


def _refunds(entries: Iterable[LedgerEntry]) -> dict[str, Record]:
    """By the seqNo of the message: what stands before the bet that was given back."""
    records = {}
    for entry in entries:
        bet = entry.reverses.reference if entry.reverses else ""
        key = entry.reference.removesuffix(f"/{bet}")
        records[key] = Record(
            key=key, done=True, at=entry.posted_at, says="refund", entry_id=entry.pk
        )
    return records


def _batches(keys: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while some := list(islice(remaining, _BATCH)):
        yield some
