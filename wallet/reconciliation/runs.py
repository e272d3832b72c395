"""Reconciliations: asked for, claimed by a worker, finished with their differences, resolved."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet.models import Channel, Reconciliation, ReconciliationItem
from wallet.reconciliation.matching import Finding

LOST_AFTER: Final = timedelta(hours=1)
_BATCH: Final = 2000

State = Reconciliation.State


class NotPossible(Exception):
    """The day is not over, or not a day; the sentence says so."""


class AlreadyResolved(Exception):
    """Somebody has resolved the difference before."""


def request(
    *,
    channel: Channel,
    provider: str,
    day: date,
    zone: str,
    user_id: int | None = None,
    file: BinaryIO | None = None,
    at_once: bool = False,
) -> Reconciliation:
    """Ask for a day to be compared, today as far as it has gone. Raises NotPossible.

    ``file`` is the provider's records. With ``at_once`` the caller is the one who compares.
    """
    tz = ZoneInfo(zone)
    since = datetime.combine(day, time(), tz)
    if since > timezone.now():
        raise NotPossible(_("%(day)s has not begun.") % {"day": day})
    run = Reconciliation(
        channel=channel,
        provider=provider,
        day=day,
        zone=zone,
        since=since,
        until=min(datetime.combine(day + timedelta(days=1), time(), tz), timezone.now()),
        requested_by_id=user_id,
    )
    if at_once:
        run.state, run.started_at = State.RUNNING, timezone.now()
    if file is not None:
        run.file.save(f"{provider}-{channel.pk}-{day}.csv", File(file), save=False)
    run.save()
    return run


def claim() -> Reconciliation | None:
    """Take the oldest that waits, or whose worker was lost."""
    lost = Q(state=State.RUNNING, started_at__lt=timezone.now() - LOST_AFTER)
    due = Reconciliation.objects.filter(Q(state=State.WAITING) | lost)
    with transaction.atomic():
        run = due.select_for_update(skip_locked=True).order_by("requested_at").first()
        if run is not None:
            run.state, run.started_at = State.RUNNING, timezone.now()
            run.save(update_fields=["state", "started_at"])
    return run


def finish(
    run: Reconciliation, *, findings: Iterable[Finding], ours: int, theirs: int
) -> Reconciliation:
    """Write the differences down. What staff resolved before, as it still is, stays resolved."""
    with transaction.atomic():
        run.items.all().delete()
        items = [_item(run, finding) for finding in findings]
        _keep_resolutions(run, items)
        ReconciliationItem.objects.bulk_create(items, batch_size=_BATCH)
        run.state, run.ours, run.theirs = State.DONE, ours, theirs
        run.reason, run.finished_at = "", timezone.now()
        run.save()
    return run


def fail(run: Reconciliation, *, reason: str) -> Reconciliation:
    """Nothing is known about the day."""
    run.state, run.reason, run.finished_at = State.FAILED, reason[:300], timezone.now()
    run.save(update_fields=["state", "reason", "finished_at"])
    return run


def resolve(*, item_id: int, user_id: int, reason: str) -> ReconciliationItem:
    """Somebody has looked into it and says why it is settled. Raises AlreadyResolved."""
    with transaction.atomic():
        item = ReconciliationItem.objects.select_for_update().get(pk=item_id)
        if item.resolved_at is not None:
            raise AlreadyResolved(_("The difference was resolved already."))
        item.resolved_at, item.resolved_by_id = timezone.now(), user_id
        item.resolution = reason[:200]
        item.save(update_fields=["resolved_at", "resolved_by", "resolution"])
    return item


def _item(run: Reconciliation, finding: Finding) -> ReconciliationItem:
    ours, theirs = finding.ours, finding.theirs
    return ReconciliationItem(
        reconciliation=run,
        channel_id=run.channel_id,
        difference=finding.difference.value,
        key=finding.key,
        differing=list(finding.differing),
        username=(ours and ours.player) or (theirs and theirs.player) or "",
        ours=ours.as_json() if ours else None,
        theirs=theirs.as_json() if theirs else None,
        entry_id=ours.entry_id if ours else None,
    )


def _keep_resolutions(run: Reconciliation, items: Sequence[ReconciliationItem]) -> None:
    by_key = {_identity(item): item for item in items}
    for start in range(0, len(items), _BATCH):
        keys = [item.key for item in items[start : start + _BATCH]]
        before = ReconciliationItem.objects.filter(
            channel=run.channel_id,
            key__in=keys,
            reconciliation__provider=run.provider,
            resolved_at__isnull=False,
        )
        for old in before.order_by("resolved_at"):
            if same := by_key.get(_identity(old)):
                same.resolved_at, same.resolved_by_id = old.resolved_at, old.resolved_by_id
                same.resolution = old.resolution


def _identity(item: ReconciliationItem) -> tuple[str, str, str]:
    sides = json.dumps([item.ours, item.theirs], sort_keys=True)
    return item.difference, item.key, sides
