"""How long history is kept that grows without end and that nothing hangs on.

Sign-ins of staff, logins and sessions of players are kept for HISTORY_RETENTION_DAYS. The ledger,
the audit trail and notes are kept for ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from wallet.db import fetch_row
from wallet.models import AccessToken, PlayerSession, StaffSession

BATCH: Final = 5_000
LEAST_DAYS: Final = 90  # the database insists on it for sign-ins


def before() -> datetime:
    """What lies before this moment has been kept long enough."""
    days = max(settings.HISTORY_RETENTION_DAYS, LEAST_DAYS)
    return timezone.now() - timedelta(days=days)


def prune(*, seconds: float) -> int:
    """Delete what is too old, in short batches for at most so many seconds; how many rows."""
    old = before()
    return in_batches(
        [
            partial(_forget_logins, old),
            partial(delete_some, StaffSession.objects.filter(last_seen_at__lt=old)),
            partial(delete_some, PlayerSession.objects.filter(last_used_at__lt=old, fixed=False)),
            partial(delete_some, AccessToken.objects.filter(created_at__lt=old, fixed=False)),
        ],
        seconds=seconds,
    )


def in_batches(steps: list[Callable[[], int]], *, seconds: float) -> int:
    """Repeat each step until it finds less than a batch, or the time is over; how many rows."""
    until = time.monotonic() + seconds
    deleted = 0
    for step in steps:
        while time.monotonic() < until:
            count = step()
            deleted += count
            if count < BATCH:
                break
    return deleted


def delete_some(rows: QuerySet[Any]) -> int:
    """A batch of them, oldest first."""
    oldest = rows.order_by("pk").values("pk")[:BATCH]
    count: int = rows.model._default_manager.filter(pk__in=oldest).delete()[0]
    return count


def _forget_logins(old: datetime) -> int:
    row = fetch_row("SELECT forget_logins(%s, %s)", [old, BATCH])
    return int(row[0]) if row else 0
