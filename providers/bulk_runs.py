"""Operations of staff on many jobs: chosen, confirmed, worked off, stopped.

What somebody chose is written down before they are asked to confirm it, so that what they
confirm is what is done, however the list changes meanwhile. A worker does one job after the
other, each operation in one transaction with its outcome: whoever dies in the middle has done
a job and said so, or neither. Whether the one who asked may still do it is looked up again
at work.
"""

import logging
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from providers import dispatch, operations
from providers.models import BulkRun, BulkRunItem, ProvisioningJob
from wallet import retention
from wallet.audit import acting
from wallet.scope import visible

logger = logging.getLogger(__name__)

PERMISSION: Final = "providers.change_provisioningjob"
MOST: Final = 100_000
"""Jobs in one run; writing down that many takes seconds."""
BATCH: Final = 50
"""Jobs for which one look-up of what the asker may do holds."""
DRAFT_KEPT: Final = timedelta(days=1)
LEASE: Final = timedelta(seconds=20)
"""Longer than a worker stays with a run; a lost worker's run goes on after it."""

State = BulkRun.State
Outcome = BulkRunItem.Outcome
_OPERATIONS: Final[dict[str, Callable[..., None]]] = {
    BulkRun.Operation.RETRY: operations.retry,
    BulkRun.Operation.CANCEL: operations.cancel,
}


class BulkRunError(Exception):
    """The run cannot be made or changed like this; nothing changed."""


class NothingChosen(BulkRunError):
    """The choice holds no job."""


class TooMany(BulkRunError):
    """The choice holds more jobs than a run may have."""


class Ended(BulkRunError):
    """The run has ended already."""


def draft(
    *, user: User, operation: BulkRun.Operation, jobs: QuerySet[ProvisioningJob], language: str
) -> BulkRun:
    """Write down which jobs somebody chose; `jobs` holds only what they may see.

    Raises NothingChosen, TooMany.
    """
    with transaction.atomic():
        run = BulkRun.objects.create(operation=operation, requested_by=user, language=language)
        run.total = _write_items(run, jobs)
        if not run.total:
            raise NothingChosen(_("None of the jobs is there any more."))
        if run.total > MOST:
            raise TooMany(
                _("At most %(most)s jobs at once: narrow the list by a filter.")
                % {"most": f"{MOST:,}"}
            )
        chosen = ProvisioningJob.objects.filter(bulk_items__run=run)
        run.channels = sorted(chosen.values_list("channel", flat=True).distinct())
        run.save(update_fields=["total", "channels"])
    return run


def confirm(*, run_id: int, user: User, reason: str) -> bool:
    """Let a draft of the user's be carried out; False when it was confirmed before, or too late."""
    fresh = Q(state=State.DRAFT, requested_at__gte=timezone.now() - DRAFT_KEPT)
    with transaction.atomic():
        confirmed = BulkRun.objects.filter(fresh, pk=run_id, requested_by=user).update(
            state=State.QUEUED, reason=reason, requested_at=timezone.now()
        )
        if confirmed:
            dispatch.work_on_commit(run_id=run_id)
    return bool(confirmed)


def stop(*, run_id: int, user: User) -> None:
    """Leave undone what is not done yet. Raises Ended."""
    if not BulkRun.objects.filter(pk=run_id, state__in=[State.QUEUED, State.RUNNING]).update(
        state=State.STOPPED, finished_at=timezone.now(), stopped_by=user
    ):
        raise Ended(_("The run has ended already."))


def due() -> list[int]:
    """Runs with work to do that no worker has."""
    runs = BulkRun.objects.filter(_free(), state__in=[State.QUEUED, State.RUNNING])
    return list(runs.order_by("pk").values_list("pk", flat=True))


def expired() -> tuple[QuerySet[BulkRunItem], QuerySet[BulkRun]]:
    """What has been kept long enough, items first; drafts that nobody confirmed within a day."""
    runs = BulkRun.objects.filter(
        Q(state=State.DRAFT, requested_at__lt=timezone.now() - DRAFT_KEPT)
        | Q(finished_at__lt=retention.before())
    )
    return BulkRunItem.objects.filter(run__in=runs), runs.filter(items=None)


def work(*, run_id: int, seconds: float, lease: UUID | None = None) -> UUID | None:
    """Work off a run for so long, a batch at least.

    Answers the lease with which to go on, None when the run is not ours. `lease` is what the last
    call answered. Without it, a run that a worker has is left alone.
    """
    run = _claim(run_id, lease)
    if run is None:
        return None
    until = time.monotonic() + seconds
    with acting(actor_id=run.requested_by_id, path=str(run)), translation.override(run.language):
        while True:
            items = list(run.items.filter(outcome=Outcome.WAITING).order_by("pk")[:BATCH])
            if not items:
                _finish(run)
                return None
            with dispatch.one_hint_each():
                if not _work_off(run, items):  # stopped, or another worker has them all
                    return None
            if time.monotonic() >= until:
                break
    BulkRun.objects.filter(pk=run.pk, lease=run.lease).update(lease_until=timezone.now() + LEASE)
    return run.lease


def _free() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=timezone.now())


def _claim(run_id: int, lease: UUID | None) -> BulkRun | None:
    mine = _free() | Q(lease=lease) if lease else _free()
    if not BulkRun.objects.filter(mine, pk=run_id, state__in=[State.QUEUED, State.RUNNING]).update(
        state=State.RUNNING, lease=(token := uuid4()), lease_until=timezone.now() + LEASE
    ):
        return None
    return BulkRun.objects.filter(pk=run_id, lease=token).first()


def _finish(run: BulkRun) -> None:
    BulkRun.objects.filter(pk=run.pk, state=State.RUNNING).update(
        state=State.DONE, finished_at=timezone.now(), lease=None, lease_until=None
    )


def _write_items(run: BulkRun, jobs: QuerySet[ProvisioningJob]) -> int:
    try:
        sql, params = jobs.order_by("pk").values("pk")[: MOST + 1].query.sql_with_params()
    except EmptyResultSet:  # the filters can hold for no job
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO providers_bulkrunitem (run_id, job_id, outcome, reason)"  # noqa: S608
            f" SELECT %s, chosen.id, 'waiting', '' FROM ({sql}) AS chosen (id)",
            [run.pk, *params],
        )
        return int(cursor.rowcount)


def _work_off(run: BulkRun, items: Collection[BulkRunItem]) -> int:
    """How many of the items were worked off; those that wait for wallets end before the lease."""
    refusal = _refusals(run, [item.job_id for item in items])
    until = time.monotonic() + LEASE.total_seconds() / 2
    done = 0
    for item in items:
        done += _work_one(run, item.pk, refusal(item.job_id))
        if time.monotonic() > until:
            break
    return done


def _work_one(run: BulkRun, item_id: int, refusal: str) -> bool:
    """Carry the operation out and say so, both or neither; False when the item is not ours."""
    with transaction.atomic():
        item = (
            BulkRunItem.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("job")
            .filter(pk=item_id, outcome=Outcome.WAITING, run__state=State.RUNNING)
            .first()
        )
        if item is None:
            return False
        item.reason = (refusal or _try(run, item.job))[:300]
        item.outcome = Outcome.REFUSED if item.reason else Outcome.DONE
        item.at = timezone.now()
        item.save(update_fields=["outcome", "reason", "at"])
    return True


def _try(run: BulkRun, job: ProvisioningJob) -> str:
    """Why the job refused the operation, "" when it is done."""
    try:
        with transaction.atomic():
            _OPERATIONS[run.operation](
                job_id=job.pk, reason=run.reason, staff_id=run.requested_by_id
            )
            _log(run, job)
    except operations.OperationError as error:
        return str(error)
    except Exception:  # the other jobs must not wait for whatever this is
        logger.exception("%s failed at job %s", run, job.pk)
        return _("It failed for a reason that nobody foresaw; see the log.")
    return ""


def _log(run: BulkRun, job: ProvisioningJob) -> None:
    """What the action on a single job leaves in the admin's history."""
    with translation.override("en"):
        message = f"{run.get_operation_display()} ({run})"
    LogEntry.objects.log_actions(
        user_id=run.requested_by_id,
        queryset=[job],
        action_flag=CHANGE,
        change_message=message,
        single_object=True,
    )


def _refusals(run: BulkRun, job_ids: Collection[int]) -> Callable[[int], str]:
    """Why whoever asked may not do it to a job, "" where they may; looked up now."""
    user = User.objects.get(pk=run.requested_by_id)
    if not (user.is_active and user.is_staff):
        return lambda _job_id: _("Whoever asked for it is no active member of staff any more.")
    if not user.has_perm(PERMISSION):
        return lambda _job_id: _("Whoever asked for it may not do this any more.")
    jobs: QuerySet[Any] = ProvisioningJob.objects.filter(pk__in=job_ids)
    seen = set(visible(user, jobs, sub_channel="player__sub_channel").values_list("pk", flat=True))
    return lambda job_id: "" if job_id in seen else _("Whoever asked for it may not see this job.")
