"""A day at eBET, and the comparison with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from providers import reconciliation
from tests.providers.keys import key_pair
from tests.wallet.money import Purse
from wallet.models import Channel, EntryKind, Reconciliation
from wallet.reconciliation import runs

PUBLIC, PRIVATE = key_pair()
# A zone in which it is neither shortly before nor shortly after midnight.
ZONE = "UTC" if 1 <= datetime.now(UTC).hour < 22 else "Asia/Shanghai"


FILE = """\
SeqNo,Status,Event,Username,StartRequestTime,Type,Money
b-1,200,increaseCredit,lily08,,1,-80.00
p-1,200,increaseCredit,LILY08,,2,120
b-2,1003,increaseCredit,lily08,,1,-5000
b-3,200,increaseCredit,lily08,,1,-10
f-3,200,refundSingleWallet,lily08,,,
"""


def move(purse: Purse, kind: EntryKind, amount: str, seq_no: str) -> None:
    code = {EntryKind.BET: 1, EntryKind.PAYOUT: 2}[kind]
    purse.post(kind, amount, source=f"ebet:{code}", reference=seq_no)


def record(seq_no: str, *, at: datetime | None = None, **members: Any) -> dict[str, Any]:
    """One message as eBET remembers it, answered 200 by us a moment ago."""
    text = f"{(at or timezone.now()).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return {
        "seqNo": seq_no,
        "username": "lily08",
        "event": "increaseCredit",
        "startRequestTime": text,
        "endResponseTime": text,
        "status": 200,
        **members,
    }


def compare(channel: Channel, file: bytes | None = None) -> Reconciliation:
    run = runs.request(
        channel=channel,
        provider="ebet",
        day=timezone.localtime(timezone=UTC if ZONE == "UTC" else None).date(),
        zone=ZONE,
        file=io.BytesIO(file) if file is not None else None,
        at_once=True,
    )
    return reconciliation.carry_out(run)


def found(run: Reconciliation) -> list[tuple[Any, ...]]:
    assert run.state == Reconciliation.State.DONE, run.reason
    items = run.items.order_by("difference", "key")
    return [(item.difference, item.key, *item.differing) for item in items]
