"""What staff do with a message of the inbox."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from callbacks import rehearsal
from callbacks.docs.statuses import MEANINGS
from callbacks.models import ReceivedCallback
from providers.ebet.statuses import Status
from wallet.admin.actions import form_action, show_report
from wallet.admin.forms import ActionForm
from wallet.scope import member


def _open_case(self: Any, request: HttpRequest, received: ReceivedCallback) -> bool:
    return bool(received.case) and received.handled_at is None


class InboxActions:
    """Mixed into the inbox's ModelAdmin."""

    @form_action(
        description=_("What would we answer now?"),
        explanation=_(
            "Puts the message through today's guards and rules, then undoes it: nothing moves."
        ),
        submit=_("Try"),
        permission="callbacks.rehearse_receivedcallback",
        icon="science",
        url_path="rehearse",
        errors=(rehearsal.NotRehearsable,),
    )
    def rehearse(self, request: HttpRequest, row: ReceivedCallback, form: Any) -> HttpResponse:
        found = rehearsal.rehearse(row, request)
        return show_report(
            self,
            request,
            row,
            InboxActions.rehearse,
            template="admin/callbacks/receivedcallback/rehearsal.html",
            rehearsal=found,
            answer=pretty(found.answer),
            meaning=_meaning(found.status),
            meaning_then=_meaning(row.status),
        )

    @form_action(
        description=_("Mark as handled"),
        explanation=_("Takes the case off the list of those that wait for a person."),
        permission="callbacks.change_receivedcallback",
        form=ActionForm,
        icon="done",
        url_path="handled",
        offered=_open_case,
    )
    def mark_handled(self, request: HttpRequest, row: ReceivedCallback, form: Any) -> str:
        ReceivedCallback.objects.filter(pk=row.pk, handled_at=None).update(
            handled_at=timezone.now(), handled_by=member(request)
        )
        return gettext("The case is handled.")


def _meaning(status: int) -> Promise | str:
    return MEANINGS.get(Status(status), "") if status in list(Status) else ""


def pretty(text: str) -> str:
    """JSON over several lines; the numbers stay as they were written."""
    return format_html('<pre class="message">{}</pre>', _indent(text))


def _indent(text: str) -> str:
    """Line breaks where JSON allows them, without touching a token."""
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in text:
        if quoted:
            out.append(character)
            quoted = escaped or character != '"'
            escaped = not escaped and character == "\\"
            continue
        if character in "{[":
            depth += 1
            out.append(character + "\n" + "  " * depth)
        elif character in "}]":
            depth -= 1
            out.append("\n" + "  " * depth + character)
        elif character == ",":
            out.append(",\n" + "  " * depth)
        elif character == ":":
            out.append(": ")
        else:
            quoted = character == '"'
            out.append(character)
    return "".join(out)
