"""What the audit trail says of one row."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from wallet.admin.display import label, moment
from wallet.admin.panels import Panel, Table, paged
from wallet.models import AuditEvent
from wallet.scope import visible

EMPTY = "—"
TONES = {"insert": "success", "update": "info", "delete": "danger"}
HEADERS = (_("at"), _("staff member"), _("address"), _("action"), _("change"))


def changes(event: AuditEvent) -> SafeString:
    """The columns that changed, as before → after; of a new or deleted row what it held."""
    before, after = event.before or {}, event.after or {}
    rows = []
    for name in sorted(before.keys() | after.keys()):
        texts = [_value(side.get(name)) for side in (before, after) if side]
        if any(text != EMPTY for text in texts):
            rows.append((name, " → ".join(texts)))
    return format_html_join("", '<div class="change"><b>{}</b> {}</div>', rows)


def _value(value: Any) -> str:
    return EMPTY if value is None or value == "" else str(value)


def who(event: AuditEvent) -> str:
    """The staff member, or which database role did it without one."""
    return str(event.actor) if event.actor_id else event.database_role


def trail_of(request: HttpRequest, obj: Model) -> Table:
    """What happened to one row, newest first; nothing for who may not read the trail."""
    if not request.user.has_perm("wallet.view_auditevent"):
        return Table(headers=HEADERS, rows=[])
    events = visible(
        request.user,
        AuditEvent.objects.filter(relation=obj._meta.db_table, object_id=str(obj.pk)),
        channel="channel_number",
    )
    rows, newer, older = paged(request, events.select_related("actor"), order="at")
    return Table(
        headers=HEADERS,
        rows=[
            [
                moment(event.at),
                who(event),
                event.address or "—",
                label(event.get_action_display(), TONES[event.action]),
                changes(event),
            ]
            for event in rows
        ],
        newer=newer,
        older=older,
    )


TRAIL = Panel(_("Audit trail"), "wallet.view_auditevent", trail_of)
