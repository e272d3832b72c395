"""What the clock starts, by ``celery beat``."""

from typing import Any

from celery.schedules import crontab


def _every(seconds: int, task: str, *args: str) -> dict[str, Any]:
    """One that nobody came to before the next is due is not carried out."""
    return {
        "task": task,
        "args": args,
        "schedule": seconds,
        "options": {"expires": seconds},
    }


def _at(moment: crontab, task: str, *args: str) -> dict[str, Any]:
    return {"task": task, "args": args, "schedule": moment}


SCHEDULE = {
    # What keeps the outbox true whatever the broker loses.
    "sweep the outbox": _every(5, "providers.sweep"),
    "make the exports": _every(3, "config.manage", "run_exports"),
    "reconcile what staff asked for": _every(10, "config.manage", "run_reconciliations"),
    "seal the ledger": _every(60, "config.manage", "seal_ledger"),
    "roll up the totals": _every(60, "config.manage", "roll_up"),
    "prune the inbox": _at(crontab(minute="20"), "callbacks.prune"),
    "prune the history": _at(crontab(hour="3", minute="40"), "config.manage", "prune_history"),
    "verify the ledger": _at(crontab(hour="4", minute="30"), "config.manage", "verify_ledger"),
}
