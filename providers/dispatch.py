"""Hints to the workers. The outbox is the truth, so a hint may be lost or come twice."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from uuid import UUID

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

PUSH_TASK: Final = "providers.push"
RUN_TASK: Final = "providers.work_bulk_run"
HINT_SECONDS: Final = 60
"""A hint that old says nothing that the sweep has not said again since."""

_QUIET_SECONDS: Final = 5
_broker_failed_at = float("-inf")
_gathered: ContextVar[set[int] | None] = ContextVar("gathered", default=None)


def push_on_commit(*, target_id: int) -> None:
    """Once the current transaction commits, tell a worker that the target has jobs."""
    transaction.on_commit(lambda: hint(target_id=target_id), robust=True)


def work_on_commit(*, run_id: int) -> None:
    """Once the current transaction commits, tell a worker that a bulk run is to be done."""
    transaction.on_commit(lambda: hint_run(run_id=run_id), robust=True)


@contextmanager
def one_hint_each() -> Iterator[None]:
    """Within the block, hints wait for its end, and each target gets one."""
    token = _gathered.set(set())
    try:
        yield
    finally:
        gathered = _gathered.get() or set()
        _gathered.reset(token)
        for target_id in gathered:
            hint(target_id=target_id)


def hint(*, target_id: int) -> bool:
    """Tell a worker now that a target has jobs; False when the broker is away."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.add(target_id)
        return True
    return _send(PUSH_TASK, target_id=target_id)


def hint_run(*, run_id: int, lease: UUID | None = None) -> bool:
    """Tell a worker now that a bulk run is to be done; False when the broker is away.

    `lease` is what the worker before it had.
    """
    return _send(RUN_TASK, run_id=run_id, lease=str(lease) if lease else None)


def _send(task: str, **kwargs: object) -> bool:
    """Give a worker a task; whether the broker took it.

    After a failure the broker is left alone for a few seconds: nobody who registers
    players shall wait for it again and again.
    """
    global _broker_failed_at  # noqa: PLW0603
    if time.monotonic() - _broker_failed_at < _QUIET_SECONDS:
        return False
    try:
        current_app.send_task(task, kwargs=kwargs, expires=HINT_SECONDS)
    except Exception as error:  # noqa: BLE001  every transport has errors of its own
        _broker_failed_at = time.monotonic()
        logger.warning("the broker is away (%s); the sweep will make up for it", error)
        return False
    return True
