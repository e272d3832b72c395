"""Exports in the background: asked for, claimed by a worker, written, fetched, forgotten.

The table is the queue: whoever runs ``run_due`` takes an export that waits, or one whose worker has
not been heard of for a while. Who asks for many at once takes turns with the others.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from wallet.db import fetch_row
from wallet.exports import files
from wallet.exports.copying import count_rows, one_snapshot
from wallet.exports.formats import write
from wallet.exports.manifests import make_manifest
from wallet.exports.sources import SOURCES, BadRequest, Request, read_request
from wallet.exports.whole_files import whole_file
from wallet.models import Export, ExportSchedule
from wallet.scope import Scope, scope_of

logger = logging.getLogger(__name__)

KEPT_DAYS: Final = 7
SILENCE: Final = timedelta(seconds=60)  # after which a worker counts as lost
MOST_ATTEMPTS: Final = 5
MOST_UNFINISHED: Final = 10  # of one person
MOST_AT_ONCE: Final = 1  # exports must not take the workers away from the pushes
REPORT_SECONDS: Final = 1.0
_UNFINISHED: Final = (Export.State.QUEUED, Export.State.RUNNING)


class NotCancellable(Exception):
    """The export has ended already."""


class TooManyUnfinished(BadRequest):
    """The person has to wait until one of their exports has ended."""


class _Stopped(Exception):
    """The export was cancelled, or another worker has it."""


def check_request(*, user: User, request: Request) -> None:
    """Raises BadRequest, PermissionDenied."""
    read_request(request, scope=scope_of(user))
    _demand_permission(user, request.source)


def request_export(
    *,
    user: User,
    request: Request,
    kept_days: int = KEPT_DAYS,
    schedule: ExportSchedule | None = None,
) -> Export:
    """Ask for a file; a worker begins within seconds.

    Raises BadRequest, PermissionDenied, TooManyUnfinished.
    """
    check_request(user=user, request=request)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one request at a time
        unfinished = Export.objects.filter(requested_by=user, state__in=_UNFINISHED)
        if unfinished.count() >= MOST_UNFINISHED:
            raise TooManyUnfinished(
                _("%(count)d exports of %(user)s have not ended yet: wait for one, or cancel one.")
                % {"count": MOST_UNFINISHED, "user": user}
            )
        return Export.objects.create(
            requested_by=user,
            source=request.source,
            request=request.as_json(),
            format=request.format,
            language=request.language,
            kept_days=kept_days,
            schedule=schedule,
            deliver=schedule is not None and schedule.deliver,
        )


def cancel(*, export_id: int) -> None:
    """Stop it; a running worker notices within a second. Raises NotCancellable."""
    if not Export.objects.filter(pk=export_id, state__in=_UNFINISHED).update(
        state=Export.State.CANCELLED, finished_at=timezone.now(), lease=None
    ):
        raise NotCancellable(_("The export has ended already."))


def may_download(*, user: User, export: Export) -> bool:
    """Whether the file is there and holds nothing that the user must not see."""
    return export.state == Export.State.DONE and may_see(user=user, export=export)


def may_see(*, user: User, export: Export) -> bool:
    """Whether the user may see everything that it holds, or held."""
    source = SOURCES.get(export.source)
    return (
        source is not None
        and user.has_perms(source.permissions)
        and scope_of(user).holds(_scope_from(export.scope))
    )


def run_due() -> int:
    """Carry out every export that is due, one after the other; how many there were."""
    count = 0
    while export := _claim():
        _run(export)
        count += 1
    return count


def _claim() -> Export | None:
    """The next export, under a new lease: of whoever has waited longest since their last start."""
    now = timezone.now()
    heard_of = Q(state=Export.State.RUNNING, heartbeat_at__gt=now - SILENCE)
    due = Q(state=Export.State.QUEUED) | Q(state=Export.State.RUNNING) & ~heard_of
    with transaction.atomic():
        fetch_row("SELECT pg_advisory_xact_lock(hashtext('exports'))", [])
        if Export.objects.filter(heard_of).count() >= MOST_AT_ONCE:
            return None
        starts = Export.objects.filter(requested_by=OuterRef("requested_by"))
        latest = starts.values("requested_by").annotate(latest=Max("started_at"))
        turn = Subquery(latest.values("latest")).asc(nulls_first=True)
        waiting = Export.objects.select_for_update().filter(due)  # it may be cancelled just now
        export = waiting.order_by(turn, "requested_at").first()
        if export is None:
            return None
        export.state, export.lease = Export.State.RUNNING, uuid.uuid4()
        export.heartbeat_at = now
        export.started_at = now
        export.attempts += 1
        export.rows_done = 0
        if not export.snapshot:
            ((export.snapshot),) = fetch_row("SELECT pg_current_snapshot()::text", []) or ("",)
        export.save()
    return export


def _run(export: Export) -> None:
    if export.attempts > MOST_ATTEMPTS:
        _fail(export, _("Its workers were lost %(count)d times.") % {"count": MOST_ATTEMPTS})
        return
    try:
        with translation.override(export.language):
            _make_file(export)
    except _Stopped:
        logger.info("%s was stopped", export)
        _forget_cancelled(export)
    except OSError as error:
        _fail(export, _("The file cannot be written: %(reason)s.") % {"reason": error.strerror})
    except (BadRequest, PermissionDenied) as error:
        _fail(export, str(error))
    except DatabaseError as error:
        logger.exception("%s failed", export)
        _fail(export, _("The database refused: %(reason)s") % {"reason": error})
    except Exception:  # the next export must not wait for whatever this is
        logger.exception("%s failed", export)
        _fail(export, _("It failed for a reason that nobody foresaw; see the log."))


def _forget_cancelled(export: Export) -> None:
    """It may have been cancelled in the moment in which its file got its name."""
    if Export.objects.filter(pk=export.pk, state=Export.State.CANCELLED).exists():
        files.storage().delete(files.name_of(export))


def _make_file(export: Export) -> None:
    request = Request(**export.request)
    scope = scope_of(export.requested_by)
    _demand_permission(export.requested_by, request.source)
    selection = read_request(request, scope=scope, snapshot=export.snapshot)
    name = files.name_of(export)
    path = Path(files.storage().path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    rows, reported = 0, time.monotonic()
    # The rows are counted and read in one snapshot; the usual connection reports meanwhile.
    with one_snapshot() as own, whole_file(path) as file:
        total = count_rows(selection.rows, using=own)
        _report(export, rows_total=total, scope=_as_json(scope))
        for rows in write(file, selection, format=request.format, bom=request.bom, using=own):
            if time.monotonic() - reported > REPORT_SECONDS:
                _report(export, rows_done=rows)
                reported = time.monotonic()
        file.flush()
        digest = _sha256(Path(file.name))
        size = file.tell()
        _report(export, rows_done=rows)
    now = timezone.now()
    manifest = make_manifest(selection, request) | {"rows": rows, "sha256": digest}
    _report(
        export,
        state=Export.State.DONE,
        file=name,
        size=size,
        sha256=digest,
        manifest=manifest,
        finished_at=now,
        expires_at=now + timedelta(days=export.kept_days),
        delivery_due_at=now if export.deliver else None,
        lease=None,
    )


def _report(export: Export, **values: Any) -> None:
    """Write to the row while it is ours; whoever reports is alive. Raises _Stopped."""
    mine = Export.objects.filter(pk=export.pk, state=Export.State.RUNNING, lease=export.lease)
    if not mine.update(heartbeat_at=timezone.now(), **values):
        raise _Stopped


def _fail(export: Export, reason: str) -> None:
    Export.objects.filter(pk=export.pk, lease=export.lease).update(
        state=Export.State.FAILED, reason=reason[:300], finished_at=timezone.now(), lease=None
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _demand_permission(user: User, source: str) -> None:
    if not user.has_perms(SOURCES[source].permissions):
        raise PermissionDenied(_("You may not export this."))


def _as_json(scope: Scope) -> dict[str, Any]:
    return {
        "everything": scope.everything,
        "channels": sorted(scope.channels),
        "sub_channels": sorted(scope.sub_channels),
        "partly": sorted(scope.partly),
    }


def _scope_from(stored: dict[str, Any] | None) -> Scope:
    if stored is None:
        return Scope(everything=True)
    parts = {name: frozenset(stored[name]) for name in ("channels", "sub_channels", "partly")}
    return Scope(everything=stored["everything"], **parts)
