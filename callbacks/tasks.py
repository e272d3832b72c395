"""Background work; safe to run twice."""

from typing import Final

from celery import shared_task

from callbacks import retention

PRUNE_SECONDS: Final = 20
"""Well within the worker's time limit for a task."""


@shared_task(name="callbacks.prune")
def prune() -> int:
    """Forget what the inbox has kept long enough."""
    return retention.prune(seconds=PRUNE_SECONDS)
