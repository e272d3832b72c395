"""What the inbox adds to a round's story: which message made an entry, and which made none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from callbacks.models import ReceivedCallback
from callbacks.movements import MOVEMENT_TYPES, REFUND_SOURCE
from providers.ebet.statuses import Status
from wallet.admin.display import label, link
from wallet.admin.round_page import Heard
from wallet.models import LedgerEntry
from wallet.rounds import ToldRound
from wallet.scope import visible

MOST_MESSAGES = 500
_REFUNDS = ("refundSingleWallet", "autoBatchRefund")

Decision = ReceivedCallback.Decision
Outcome = LedgerEntry.Outcome


def heard(request: HttpRequest, told: ToldRound) -> Sequence[Heard]:
    """The messages of a round, oldest first, to those who may read the inbox."""
    if not request.user.has_perm("callbacks.view_receivedcallback"):
        return []
    first = told.opening
    rows = visible(request.user, ReceivedCallback.objects.all(), channel="channel_number")
    rows = rows.filter(channel_number=first.channel_id).order_by("received_at", "pk")
    numbers = [entry.pk for entry in told.entries]
    found = list(rows.filter(entry__in=numbers)[:MOST_MESSAGES])
    if told.round_code:
        of_code = Q(round_code=told.round_code, username=first.player.username)
        unmade = rows.filter(of_code, entry=None).exclude(decision=Decision.ANSWERED)
        found += unmade.exclude(event__in=_REFUNDS)[:MOST_MESSAGES]
    refunds = _refund_messages(told)
    asked = Q(seq_no__in=set(refunds.values()))
    if told.round_code:
        asked |= Q(round_code=told.round_code)
    found += rows.filter(asked, event__in=_REFUNDS)[:MOST_MESSAGES]
    return list(_told(found, told, refunds))


def _refund_messages(told: ToldRound) -> dict[int, str]:
    """The seqNo of the message that asked for each refund of the round."""
    entries = {entry.pk: entry for entry in told.entries}
    return {
        entry.pk: entry.reference.removesuffix(f"/{entries[entry.reverses_id].reference}")
        for entry in told.entries
        if entry.source == REFUND_SOURCE and entry.reverses_id in entries
    }


def _told(
    rows: list[ReceivedCallback], told: ToldRound, refunds: dict[int, str]
) -> Iterator[Heard]:
    made: dict[int, Heard] = {}
    outcomes = {entry.pk: entry.outcome for entry in told.entries}
    for row in rows:
        entry_ids = [row.entry_id] if row.entry_id else []
        if row.decision == Decision.REFUSED and outcomes.get(row.entry_id or 0) != Outcome.REFUSED:
            entry_ids = []  # it met an entry that another message had made
        if row.event in _REFUNDS:
            entry_ids = [pk for pk, seq_no in refunds.items() if seq_no == row.seq_no]
        for pk in entry_ids:
            known = made.get(pk)
            first = known or Heard(at=row.received_at, link=link(row, row.event), entry_id=pk)
            made[pk] = Heard(
                at=first.at, link=first.link, entry_id=pk, again=first.again + bool(known)
            )
        if not entry_ids:
            yield _alone(row, told)
    yield from made.values()


def _alone(row: ReceivedCallback, told: ToldRound) -> Heard:
    """A message that left no entry."""
    document = _read(row.request)
    code, money = document.get("type"), document.get("money")
    rule = MOVEMENT_TYPES.get(code) if isinstance(code, int) else None
    return Heard(
        at=row.received_at,
        link=link(row, row.event),
        what=rule.kind.label if rule else row.event,
        outcome=label(f"{row.get_decision_display()} {row.status}", "danger"),
        requested=Decimal(money) if isinstance(money, int | Decimal) else None,
        reference=row.seq_no,
        note=" ".join(_of_refund(row)) or row.get_case_display() or row.note,
    )


def _of_refund(row: ReceivedCallback) -> Iterator[str]:
    reasons: dict[Any, Any] = {
        Status.SEQ_UNKNOWN: _("unknown here"),
        Status.REFUND_MISMATCH: _("the amount differs"),
        Status.RECORD_UNKNOWN: _("settled already"),
        Status.ALREADY_REFUNDED: _("refunded before"),
    }
    for item in _read(row.answer).get("resultList") or []:
        if isinstance(item, dict):
            reason = reasons.get(item.get("status"), item.get("status"))
            yield f"{item.get('refundSeqNo')}: {reason}."


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
