"""Which entries a moment's snapshot holds, however long ago that was."""

from __future__ import annotations

from django.db.models import BooleanField, F, Func, Q, TextField, Value


class _Visible(Func):
    function = "pg_visible_in_snapshot"
    output_field = BooleanField()


class _AsTransaction(Func):
    template = "(%(expressions)s)::text::xid8"
    output_field = TextField()


class _AsSnapshot(Func):
    template = "(%(expressions)s)::pg_snapshot"
    output_field = TextField()


def visible_in(snapshot: str) -> Q:
    """What was committed when the snapshot was taken: all of a transaction or nothing of it."""
    oldest_running = int(snapshot.split(":", 1)[0])
    return Q(xact__lt=oldest_running) | Q(
        _Visible(_AsTransaction(F("xact")), _AsSnapshot(Value(snapshot)))
    )
