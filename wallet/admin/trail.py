"""What the audit trail says of one row, and of the rows that belong to it."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wallet.admin.display import label, link, moment
from wallet.admin.panels import Panel, Table, paged
from wallet.admin.trail_words import Reader
from wallet.models import AuditEvent
from wallet.scope import visible

TONES = {"insert": "success", "update": "info", "delete": "danger"}
HEADERS = (_("at"), _("staff member"), _("address"), _("what"), _("action"), _("change"))

# table → the column by which rows of other tables name it, and those tables
PARTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "auth_user": (
        "user_id",
        ("auth_user_groups", "wallet_staffscope", "wallet_staffnetwork", "wallet_secondfactor"),
    ),
    "auth_group": ("group_id", ("auth_group_permissions",)),
    "wallet_channel": ("channel_id", ("wallet_channelkey", "providers_beiyingsite")),
    "wallet_adjustment": ("adjustment_id", ("wallet_adjustmentdecision",)),
}


def who(event: AuditEvent) -> str:
    """The staff member, or which database role did it without one."""
    return str(event.actor or event.actor_id or event.database_role)


def events_of(obj: Model) -> QuerySet[AuditEvent]:
    """What happened to a row and, after it, to rows that name it: a member's roles, say."""
    table = obj._meta.db_table
    condition = Q(relation=table, object_id=str(obj.pk))
    column, parts = PARTS.get(table, ("", ()))
    for part in parts:
        made = AuditEvent.objects.filter(relation=part, **{f"after__{column}": obj.pk})
        condition |= Q(relation=part, object_id__in=made.values("object_id"))
    return AuditEvent.objects.filter(condition)


def trail_of(request: HttpRequest, obj: Model) -> Table:
    """Newest first, within the reader's scope; nothing for who may not read the trail."""
    if not request.user.has_perm("wallet.view_auditevent"):
        return Table(headers=HEADERS, rows=[])
    events: QuerySet[Any] = visible(request.user, events_of(obj), channel="channel_number")
    rows, newer, older = paged(request, events.select_related("actor"), order="at")
    reader = Reader()
    return Table(
        headers=HEADERS,
        rows=[
            [
                link(event, moment(event.at)),
                who(event),
                event.address or "—",
                reader.what(event),
                label(event.get_action_display(), TONES[event.action]),
                reader.brief(event),
            ]
            for event in rows
        ],
        newer=newer,
        older=older,
    )


TRAIL = Panel(_("Audit trail"), "wallet.view_auditevent", trail_of)
