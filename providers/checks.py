"""Settings that would break the outbox's promises, said before anything runs."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from providers import http, queue

CALLS_PER_JOB = 3
"""Look up, send, look up again: the longest that one attempt can be."""


@register(Tags.compatibility)
def check_time_limits(**kwargs: Any) -> list[CheckMessage]:
    """A worker must be gone, or done, before its lease runs out and another takes the job."""
    problems: list[CheckMessage] = []
    hard = getattr(settings, "CELERY_TASK_TIME_LIMIT", None)
    soft = getattr(settings, "CELERY_TASK_SOFT_TIME_LIMIT", None)
    if hard is None or hard >= queue.LEASE.total_seconds():
        problems.append(
            Error(
                "A task may outlive the lease of the job that it pushes.",
                hint=f"Set CELERY_TASK_TIME_LIMIT below {queue.LEASE.total_seconds():.0f} seconds.",
                id="providers.E001",
            )
        )
    if soft is not None and soft < CALLS_PER_JOB * http.TOTAL_SECONDS:
        problems.append(
            Error(
                "A task may be interrupted in the middle of its calls.",
                hint="Set CELERY_TASK_SOFT_TIME_LIMIT to at least"
                f" {CALLS_PER_JOB * http.TOTAL_SECONDS} seconds.",
                id="providers.E002",
            )
        )
    return problems
