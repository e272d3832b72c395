"""Statements from the page of a player or an agent: asked for in a dialog, fetched as a file."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from wallet.admin.actions import form_action
from wallet.admin.forms import ActionForm, choice_field, day_field
from wallet.exports.periods import BadPeriod, parse_period
from wallet.models import Agent, Player
from wallet.scope import member, visible
from wallet.statements.accounts import (
    Statement,
    StatementTooLong,
    agent_statement,
    family,
    player_statement,
)

PERMISSION = "wallet.export_ledger"
FORMATS = {"pdf": "PDF", "xlsx": "Excel"}


class OutOfScope(Exception):
    """The agents below have players whom the staff member does not see."""


REFUSALS = (BadPeriod, StatementTooLong, OutOfScope)


def _last_month() -> tuple[date, date]:
    last = timezone.localdate().replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


class StatementForm(ActionForm):
    since = day_field(label=_("From"), initial=lambda: _last_month()[0])
    until = day_field(label=_("To (inclusive)"), initial=lambda: _last_month()[1])
    format = choice_field(label=_("Format"), choices=list(FORMATS.items()))


class Statements:
    """Mixed into the ModelAdmin of players and of agents."""

    @form_action(
        description=_("Statement"),
        explanation=_("Opening balance, movements and closing balance, in your language and zone."),
        submit=_("Download"),
        permission=PERMISSION,
        form=StatementForm,
        icon="request_quote",
        url_path="statement",
        errors=REFUSALS,
    )
    def statement(self, request: HttpRequest, obj: Any, form: Any) -> HttpResponse:
        data = form.cleaned_data
        asked = {"since": data["since"], "until": data["until"], "format": data["format"]}
        _make(request, obj, str(asked["since"]), str(asked["until"]))  # what is refused shows here
        name = f"admin:wallet_{obj._meta.model_name}_statement_file"
        address = f"{reverse(name, args=[obj.pk])}?{urlencode(asked)}"
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": address})
        return HttpResponseRedirect(address)

    def get_urls(self: Any) -> list[URLPattern]:
        fetch = self.admin_site.admin_view(require_safe(self.statement_file))
        name = f"wallet_{self.opts.model_name}_statement_file"
        return [path("<int:pk>/statement-file/", fetch, name=name), *super().get_urls()]  # type: ignore[misc]

    def statement_file(self: Any, request: HttpRequest, pk: int) -> FileResponse:
        """The statement that the address describes; 404 where it describes none."""
        # Here, so that web servers load what draws PDFs only when somebody wants one.
        from wallet.statements.pdf import write_pdf
        from wallet.statements.workbook import write_workbook

        if not (request.user.has_perm(PERMISSION) and self.has_view_permission(request)):
            raise PermissionDenied
        obj = self.get_object(request, str(pk))
        chosen = request.GET.get("format", "pdf")
        if obj is None or chosen not in FORMATS:
            raise Http404
        try:
            made = _make(request, obj, request.GET.get("since", ""), request.GET.get("until", ""))
        except REFUSALS as error:
            raise Http404(str(error)) from error
        file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
        (write_pdf if chosen == "pdf" else write_workbook)(file, made)
        file.seek(0)
        self.log_change(request, obj, "Statement downloaded")
        return FileResponse(file, as_attachment=True, filename=f"{obj}.{chosen}")


def _make(request: HttpRequest, obj: Player | Agent, since: str, until: str) -> Statement:
    period = parse_period(since=since, until=until, zone=timezone.get_current_timezone_name())
    if isinstance(obj, Player):
        return player_statement(player=obj, period=period)
    players = Player.objects.filter(agent__in=family(obj))
    seen = visible(member(request), players, sub_channel="sub_channel")
    if seen.count() != players.count():
        raise OutOfScope(gettext("The agent has players whom you may not see."))
    return agent_statement(agent=obj, period=period)
