"""Hints to the workers. The outbox is the truth, so a hint may be lost or come twice."""

import logging
import time
from typing import Final

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

PUSH_TASK: Final = "providers.push"
HINT_SECONDS: Final = 60
"""A hint that old says nothing that the sweep has not said again since."""

_QUIET_SECONDS: Final = 5
_broker_failed_at = float("-inf")


def push_on_commit(*, target_id: int) -> None:
    """Once the current transaction commits, tell a worker that the target has jobs."""
    transaction.on_commit(lambda: hint(target_id=target_id), robust=True)


def hint(*, target_id: int) -> bool:
    """Tell a worker now; False when the broker is away, which the sweep makes up for.

    After a failure the broker is left alone for a few seconds: nobody who registers
    players shall wait for it again and again.
    """
    global _broker_failed_at  # noqa: PLW0603
    if time.monotonic() - _broker_failed_at < _QUIET_SECONDS:
        return False
    try:
        current_app.send_task(PUSH_TASK, kwargs={"target_id": target_id}, expires=HINT_SECONDS)
    except Exception as error:  # noqa: BLE001  every transport has errors of its own
        _broker_failed_at = time.monotonic()
        logger.warning("the broker is away (%s); the sweep will push", error)
        return False
    return True
