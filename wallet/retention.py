"""How long history is kept that grows without end and that nothing hangs on.

Sign-ins of staff, logins and sessions of players are kept for HISTORY_RETENTION_DAYS. The ledger,
the audit trail and notes are kept for ever.
"""

from __future__ import annotations

import time
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


def prune(*others: QuerySet[Any], seconds: float) -> int:
    """Delete what is too old, here and of ``others``, in short batches; how many rows.

    Ends after so many seconds, with what is left for the next time.
    """
    old = before()
    rows = (
        StaffSession.objects.filter(last_seen_at__lt=old),
        PlayerSession.objects.filter(last_used_at__lt=old, fixed=False),
        AccessToken.objects.filter(created_at__lt=old, fixed=False),
        *others,
    )
    until = time.monotonic() + seconds
    deleted = 0
    for step in (partial(_forget_logins, old), *(partial(_delete_some, some) for some in rows)):
        count = BATCH
        while count >= BATCH and time.monotonic() < until:
            count = step()
            deleted += count
    return deleted


def _delete_some(rows: QuerySet[Any]) -> int:
    """A batch of them, oldest first."""
    oldest = rows.order_by("pk").values("pk")[:BATCH]
    count: int = rows.model._default_manager.filter(pk__in=oldest).delete()[0]
    return count


def _forget_logins(old: datetime) -> int:
    row = fetch_row("SELECT forget_logins(%s, %s)", [old, BATCH])
    return int(row[0]) if row else 0
