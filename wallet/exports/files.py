"""The files of exports: where they are, and how long."""

from __future__ import annotations

import time
from pathlib import Path

from django.core.files.storage import Storage
from django.utils import timezone

from wallet.exports import delivery
from wallet.models import Export

DAY = 24 * 60 * 60


def storage() -> Storage:
    return Export._meta.get_field("file").storage


def name_of(export: Export) -> str:
    return f"exports/{export.source}-{export.pk}.{export.format}"


def expire() -> int:
    """Delete the files that were kept long enough, and what lost workers left; how many files.

    What was delivered goes as well.
    """
    expired = Export.objects.filter(state=Export.State.DONE, expires_at__lte=timezone.now())
    for export in expired:
        storage().delete(name_of(export))
        problem = delivery.withdraw(export)
        Export.objects.filter(pk=export.pk).update(
            state=Export.State.EXPIRED, file="", delivery_due_at=None, delivery_problem=problem
        )
    directory = Path(storage().path("exports"))
    for unfinished in directory.glob(".*.part"):
        if unfinished.stat().st_mtime < time.time() - DAY:
            unfinished.unlink(missing_ok=True)
    return len(expired)
