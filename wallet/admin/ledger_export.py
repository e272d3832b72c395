"""From the filters of the ledger list to an export of the same entries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from wallet.admin.filters import PeriodFilter
from wallet.admin.forms import ActionForm, choice_field
from wallet.exports.catalogue import LEDGER_SOURCE
from wallet.exports.sources import BadRequest, Request
from wallet.models import Export, LedgerEntry, Player

BEGINNING = "2000-01-01"
_OF_THE_LIST_ONLY = (
    "figure",
    "game",
    "occurred_at",
    "occurred_at_from",
    "occurred_at_to",
    "player__agent__id__exact",
    "player__agent__isnull",
    "player__sub_channel__id__exact",
    "player__sub_channel__isnull",
    "house_account__id__exact",
    "currency__exact",
    "posted_at__lt",
)


class ExportForm(ActionForm):
    format = choice_field(label=_("Format"), choices=Export.Format)
    bom = forms.BooleanField(
        label=_("Mark a CSV file as UTF-8 for Excel"), required=False, initial=True
    )


def request_from(request: HttpRequest, form: ExportForm, model_admin: Any) -> Request:
    """What the list shows, as a request for a file; a search is not part of it.

    Raises BadRequest for filters that exports do not have: the file would hold more than the list.
    """
    if any(request.GET.get(name) for name in _OF_THE_LIST_ONLY):
        raise BadRequest(
            _("An export cannot be narrowed by figure, game, agent, account or time of play.")
        )
    since, until = _period(request, model_admin)
    return Request(
        since=since,
        until=until,
        zone=timezone.get_current_timezone_name(),
        filters=filters_of(request),
        bom=form.cleaned_data["bom"],
        source=LEDGER_SOURCE.name,
        format=form.cleaned_data["format"],
        language=translation.get_language() or "en",
    )


def filters_of(request: HttpRequest) -> dict[str, Any]:
    """The list's filters under the names that exports know."""
    chosen = request.GET
    filters: dict[str, Any] = {}
    for name, parameter in (
        ("channel", "channel__id__exact"),
        ("wallet_type", "wallet__type__type_id__exact"),
    ):
        if (text := chosen.get(parameter, "")).lstrip("-").isdecimal():
            filters[name] = int(text)
    if (player := chosen.get("player__id__exact", "")).isdecimal():
        row = Player.objects.filter(pk=int(player)).values_list("username", "channel_id").first()
        if row:
            filters["player"], filters["channel"] = row
    for name, parameter in (("kinds", "kind__exact"), ("outcomes", "outcome__exact")):
        if value := chosen.get(parameter):
            filters[name] = [value]
    return filters


def _period(request: HttpRequest, model_admin: Any) -> tuple[str, str]:
    field = LedgerEntry._meta.get_field("posted_at")
    names = ("posted_at", "posted_at_from", "posted_at_to")
    chosen = {name: request.GET.getlist(name) for name in names if name in request.GET}
    period = PeriodFilter(field, request, chosen, LedgerEntry, model_admin, "posted_at")
    first, until = period.bounds
    last = until or timezone.localtime() + timedelta(days=1)
    return first.isoformat() if first else BEGINNING, last.isoformat()
