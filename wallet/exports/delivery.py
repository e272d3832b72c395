"""Scheduled exports go on to a folder or an S3-compatible store, each with its manifest.

A file appears under its name only when it is complete: in a folder by renaming it, in an object
store because objects do. The manifest follows last, so that whoever finds it finds the file whole.
Delivering again overwrites with the same content.
"""

from __future__ import annotations

import json
import logging
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet.exports.whole_files import whole_file
from wallet.models import Export

logger = logging.getLogger(__name__)

STORE: Final = "exports_delivery"
MOST_ATTEMPTS: Final = 8  # the last of them four hours after the first
LEASE: Final = timedelta(minutes=30)  # after which a worker counts as lost


class NotDelivered(Exception):
    """The store does not hold what it was given."""


def available() -> bool:
    """Whether this installation has a store."""
    return STORE in settings.STORAGES


def deliver_due() -> int:
    """Deliver every export whose turn it is; how many were delivered."""
    count = 0
    while export := _claim():
        count += _deliver(export)
    return count


def deliver_again(*, export_id: int) -> None:
    """Begin anew after the last attempt failed."""
    Export.objects.filter(pk=export_id, state=Export.State.DONE, deliver=True).update(
        delivery_attempts=0, delivery_due_at=timezone.now(), delivered_at=None
    )


def withdraw(export: Export) -> str:
    """Delete what was delivered, be it in part; why that could not be done, or nothing."""
    if not export.deliver:
        return ""
    try:
        store = storages[STORE]
        for name in (manifest_name_of(export), name_of(export)):
            store.delete(name)
    except Exception as error:  # whatever a store may raise: the file here goes in any case
        logger.exception("%s cannot be withdrawn", export)
        return _("It could not be deleted: %(reason)s") % {"reason": _reason(error)}
    return "" if export.delivered_at else export.delivery_problem


def name_of(export: Export) -> str:
    """Such as ledger-2026-01-01-2026-01-31-17.csv: what, of when, and which export."""
    request = export.request
    days = f"{request['since'][:10]}-{request['until'][:10]}"
    return f"{export.source}-{days}-{export.pk}.{export.format}"


def manifest_name_of(export: Export) -> str:
    return f"{name_of(export)}.manifest.json"


def _claim() -> Export | None:
    """The next export, not to be taken again for a while."""
    now = timezone.now()
    due = Export.objects.filter(delivery_due_at__lte=now, state=Export.State.DONE)
    for export in due.order_by("delivery_due_at")[:10]:
        if due.filter(pk=export.pk).update(
            delivery_due_at=now + LEASE, delivery_attempts=F("delivery_attempts") + 1
        ):
            export.delivery_attempts += 1
            return export
    return None


def _deliver(export: Export) -> bool:
    mine = Export.objects.filter(pk=export.pk, delivery_attempts=export.delivery_attempts)
    try:
        _put(export)
    except Exception as error:  # whatever a store may raise
        logger.exception("%s was not delivered", export)
        again = timezone.now() + timedelta(minutes=2**export.delivery_attempts)
        mine.update(
            delivery_due_at=again if export.delivery_attempts < MOST_ATTEMPTS else None,
            delivery_problem=_reason(error),
        )
        return False
    mine.update(delivery_due_at=None, delivered_at=timezone.now(), delivery_problem="")
    return True


def _put(export: Export) -> None:
    store = storages[STORE]
    with export.file.open("rb") as file:
        _save(store, name_of(export), file)
    if store.size(name_of(export)) != export.size:
        raise NotDelivered(_("The store holds another number of bytes."))
    manifest = json.dumps(export.manifest, ensure_ascii=False, indent=2).encode()
    _save(store, manifest_name_of(export), ContentFile(manifest))


def _save(store: Storage, name: str, file: Any) -> None:
    try:
        path = Path(store.path(name))
    except NotImplementedError:  # an object store: an object is there whole, or not at all
        store.save(name, file)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as copy:
        shutil.copyfileobj(file, copy)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)[:300] or type(error).__name__
