"""Taking jobs from the outbox and giving them back: every state change of a job is here.

A claim commits before the provider is called, so a worker that dies leaves a job
that says "sending". Once its lease has run out nobody can know whether the request
went through, and the job is taken up again as one in doubt.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import Case, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from providers.models import JobAttempt, ProvisioningJob, Target
from providers.retries import UNKNOWN_DELAYS

LEASE: Final = timedelta(seconds=90)
"""Longer than a worker may spend on one job, or two would send at the same time."""

State = ProvisioningJob.State
OPEN: Final = (State.PENDING, State.SENDING, State.UNKNOWN, State.PAUSED)
GOING_ON: Final = Case(When(in_doubt=True, then=Value(State.UNKNOWN)), default=Value(State.PENDING))
"""The state of a job that waited for its stopped target, once that goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that this worker holds until `token` is no longer the job's."""

    job: ProvisioningJob
    token: UUID
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The target's rate limit allows the next call only at `until`."""

    until: datetime


def claim(*, target_id: int) -> Claim | Wait | None:
    """Take the next due job of an active target, or say why there is none.

    Locks the target for the blink of the claim, so that its limits hold whoever
    claims, and the job with SKIP LOCKED, so that staff at work on one is no obstacle.
    """
    with transaction.atomic():
        target = (
            Target.objects.select_for_update(no_key=True)
            .filter(pk=target_id, state=Target.State.ACTIVE)
            .first()
        )
        now = timezone.now()
        if target is None or not _has_room(target):
            return None
        job = _next_due(target, now)
        if job is None:
            return None
        if target.calls_per_minute:
            if target.next_call_at and target.next_call_at > now:
                return Wait(until=target.next_call_at)
            target.next_call_at = now + timedelta(minutes=1) / target.calls_per_minute
            target.save(update_fields=["next_call_at"])
        _commit_durably()
        token = uuid4()
        job.state, job.lease_token, job.lease_until = State.SENDING, token, now + LEASE
        job.attempts += 1
        job.save(update_fields=["state", "lease_token", "lease_until", "attempts"])
    return Claim(job=job, token=token, target=target)


def _commit_durably() -> None:
    """A claim that a crash of the server could undo would be sent twice, the first unknown."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")


def _has_room(target: Target) -> bool:
    sending = ProvisioningJob.objects.filter(target=target, state=State.SENDING)
    return sending.count() < target.max_concurrency


def _next_due(target: Target, now: datetime) -> ProvisioningJob | None:
    # A scalar subquery rather than EXISTS: that becomes an anti-join, for which the planner may
    # read every open job of the target while its statistics are behind a burst of registrations.
    earlier = ProvisioningJob.objects.filter(
        target=OuterRef("target"), player=OuterRef("player"), id__lt=OuterRef("id"), state__in=OPEN
    )
    return (
        ProvisioningJob.objects.waiting()
        .alias(earlier=Subquery(earlier.values("id")[:1]))
        .filter(earlier=None, target=target, next_attempt_at__lte=now)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .order_by("next_attempt_at", "id")
        .first()
    )


def count_calls(target: Target, *, calls: int) -> None:
    """Let the next claim wait for the calls of a job beyond the one that its claim allowed for."""
    if calls > 1 and target.calls_per_minute:
        Target.objects.filter(pk=target.pk).update(
            next_call_at=Greatest(F("next_call_at"), timezone.now())
            + (calls - 1) * timedelta(minutes=1) / target.calls_per_minute
        )


def free_stranded() -> int:
    """Let go on what waits for a target that is active again; returns how many.

    A job may be put to wait at the very moment when its target is resumed, or by a worker that
    dies before it has stopped the target.
    """
    stranded = ProvisioningJob.objects.filter(
        state=State.PAUSED, target__state=Target.State.ACTIVE, channel=F("target__channel")
    )
    return stranded.update(state=GOING_ON)


def expire_leases() -> int:
    """Take back the jobs of workers that were lost; returns how many.

    The trace of the lost attempt is kept like any other. A job that no worker survives is left
    to staff.
    """
    with transaction.atomic():
        lost = list(
            ProvisioningJob.objects.filter(
                state=State.SENDING, lease_until__lt=timezone.now()
            ).select_for_update(skip_locked=True, no_key=True)[:1000]
        )
        ProvisioningJob.objects.filter(pk__in=[job.pk for job in lost]).update(
            state=State.UNKNOWN,
            in_doubt=True,
            lease_until=None,
            lease_token=None,
            failures=F("failures") + 1,
            unknowns=F("unknowns") + 1,
            next_attempt_at=Case(
                When(unknowns__gte=len(UNKNOWN_DELAYS), then=None),
                default=timezone.now(),
            ),
        )
        JobAttempt.objects.bulk_create(
            JobAttempt(job=job, number=job.attempts, decision=JobAttempt.Decision.LOST)
            for job in lost
        )
    return len(lost)


def has_due(*, target_id: int) -> bool:
    """Whether an active target has a job that could be taken now."""
    return (
        ProvisioningJob.objects.waiting()
        .filter(
            target_id=target_id,
            target__state=Target.State.ACTIVE,
            next_attempt_at__lte=timezone.now(),
        )
        .exists()
    )


def due_targets() -> dict[int, int]:
    """Active targets with due jobs, and how many more workers each could use now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id, count(due.id)
              FROM providers_target t
             CROSS JOIN LATERAL (
                SELECT j.id FROM providers_provisioningjob j
                 WHERE j.target_id = t.id AND j.state IN ('pending', 'unknown')
                   AND j.next_attempt_at <= %s
                 LIMIT greatest(0, t.max_concurrency - (
                    SELECT count(*) FROM providers_provisioningjob s
                     WHERE s.target_id = t.id AND s.state = 'sending'))
             ) due
             WHERE t.state = 'active'
             GROUP BY t.id
            """,
            [timezone.now()],
        )
        return dict(cursor.fetchall())


def still_mine(claim: Claim) -> ProvisioningJob | None:
    """The claimed job, locked, unless somebody took it over. Call inside a transaction."""
    return (
        ProvisioningJob.objects.select_for_update(no_key=True)
        .filter(pk=claim.job.pk, state=State.SENDING, lease_token=claim.token)
        .first()
    )


def settle(
    job: ProvisioningJob,
    *,
    state: ProvisioningJob.State,
    code: str = "",
    message: str = "",
    next_attempt_at: datetime | None = None,
) -> None:
    """Give a held job back in its new state. Call inside the transaction that locked it."""
    job.state = state
    job.code, job.message = code[:64], message[:500]
    job.next_attempt_at = next_attempt_at
    job.lease_token = job.lease_until = None
    job.finished_at = timezone.now() if state in (State.DONE, State.CANCELLED) else None
    job.save()
