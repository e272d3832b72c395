"""Background work. Each task loads by id, makes one call, and is safe to run twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final
from uuid import UUID

from celery import shared_task
from django.db import connections

from providers import bulk_runs, dispatch, pushing, queue, targets

PUSH_THREADS: Final = 4
PUSH_SECONDS: Final = 5
"""How long one push goes on; well within the worker's time limit for a task."""
RUN_SECONDS: Final = 2
"""How long a worker stays with a bulk run before it lets pushes and other runs have a turn."""


@shared_task(name=dispatch.PUSH_TASK)
def push(*, target_id: int) -> int:
    """Carry out due jobs of a target; asks for a successor when its time is up.

    Almost all of a push is waiting for the provider, so a few threads share the work
    where there is enough of it.
    """
    threads = min(PUSH_THREADS, queue.due_targets().get(target_id, 0))
    if threads <= 1:
        pushed = pushing.push_target(target_id=target_id, seconds=PUSH_SECONDS)
    else:
        with ThreadPoolExecutor(threads) as pool:
            pushed = sum(pool.map(_push_in_thread, [target_id] * threads))
    if pushed and queue.has_due(target_id=target_id):
        dispatch.hint(target_id=target_id)
    return pushed


def _push_in_thread(target_id: int) -> int:
    try:
        return pushing.push_target(target_id=target_id, seconds=PUSH_SECONDS)
    finally:
        connections.close_all()


@shared_task(name=dispatch.RUN_TASK)
def work_bulk_run(*, run_id: int, lease: str | None = None) -> None:
    """Work off a bulk run for a while; asks for a successor while there is more."""
    kept = bulk_runs.work(run_id=run_id, seconds=RUN_SECONDS, lease=UUID(lease) if lease else None)
    if kept:
        dispatch.hint_run(run_id=run_id, lease=kept)


@shared_task(name="providers.probe")
def probe(*, target_id: int) -> bool:
    """Ask a tripped target whether our access works again."""
    return targets.probe(target_id=target_id)


@shared_task(name="providers.sweep")
def sweep() -> dict[str, int]:
    """What keeps the outbox true: lost workers, lost hints, due retries, probes, bulk runs."""
    expired = queue.expire_leases()
    queue.free_stranded()
    probes = targets.due_probes()
    for target_id in probes:
        probe.apply_async(kwargs={"target_id": target_id})
    due = queue.due_targets()
    for target_id, workers in due.items():
        for _worker in range(workers):
            dispatch.hint(target_id=target_id)
    runs = bulk_runs.due()
    for run_id in runs:
        dispatch.hint_run(run_id=run_id)
    return {"expired": expired, "probes": len(probes), "targets": len(due), "runs": len(runs)}
