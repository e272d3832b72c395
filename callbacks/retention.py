"""How long the inbox is kept. The ledger and the refund requests are kept for ever."""

import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from callbacks.models import ReceivedCallback

BATCH: Final = 5_000


def prune(*, seconds: float) -> int:
    """Delete rows older than INBOX_RETENTION_DAYS, except open cases; how many it were.

    Works in short batches for at most so many seconds; what is left waits for the next call.
    """
    until = time.monotonic() + seconds
    expired = ReceivedCallback.objects.filter(
        received_at__lt=timezone.now() - timedelta(days=settings.INBOX_RETENTION_DAYS)
    ).exclude(pk__in=ReceivedCallback.objects.open_cases().values("pk"))
    deleted = 0
    while time.monotonic() < until:
        oldest = expired.order_by("received_at", "id").values("pk")[:BATCH]
        count, _ = ReceivedCallback.objects.filter(pk__in=oldest).delete()
        deleted += count
        if count < BATCH:
            break
    return deleted
