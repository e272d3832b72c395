"""From a list with its filters to the form that asks for the same rows as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet.admin.base import choices_of
from wallet.admin.export_form import NONE
from wallet.admin.filters import PeriodFilter
from wallet.admin.paging import NOT_FILTERS
from wallet.exports.sources import SOURCES
from wallet.models import Agent, HouseAccount, Player, SubChannel, Wallet

BEGINNING = "2000-01-01"
LEFT_OUT = "left_out"

PERIOD = ("since", "until")

Found = Mapping[str, Any]
Read = Callable[[HttpRequest, str], Found | None]


class Exportable:
    """A list with a way to export what it shows. Goes before KeysetAdmin.

    ``export_parameters`` say what each parameter of the list is called in the form, or read its
    value into several; ``export_periods`` are the lists' PeriodFilters and what their two ends are
    called. What neither knows is named in the form as left out.
    """

    export_source = ""
    export_parameters: Mapping[str, str | Read] = {}
    export_periods: Mapping[str, tuple[str, str]] = {}
    list_before_template = "admin/wallet/export/button.html"

    def export_search(self, request: HttpRequest, text: str) -> Found | None:
        """What a search looks for, in the form's names; None where exports cannot."""
        return None

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)  # type: ignore[misc]
        context: Any = getattr(response, "context_data", None) or {}
        if "cl" in context and request.user.has_perms(SOURCES[self.export_source].permissions):
            context["export_address"] = self._address(request, context["cl"].filter_specs)
        return response

    def _address(self, request: HttpRequest, filters: Sequence[Any]) -> str:
        query: dict[str, Any] = {"source": self.export_source}
        titles: dict[Any, Any] = {SEARCH_VAR: _("search")}
        known = set(NOT_FILTERS)
        for one in filters:
            parameters = one.expected_parameters()
            titles |= dict.fromkeys(parameters, one.title)
            if isinstance(one, PeriodFilter):
                query |= _days(one, self.export_periods[one.field_path])
                known.update(parameters)
        left_out = []
        for parameter in request.GET:
            value = request.GET.get(parameter, "")
            if not value or parameter in known:
                continue
            found = self._found(request, parameter, str(value))
            if found is None:
                left_out.append(str(titles.get(parameter, parameter)))
            else:
                query |= found
        if left_out:
            query[LEFT_OUT] = left_out
        return f"{reverse('admin:wallet_export_add')}?{urlencode(query, doseq=True)}"

    def _found(self, request: HttpRequest, parameter: str, value: str) -> Found | None:
        if parameter == SEARCH_VAR:
            return self.export_search(request, value.strip())
        name = self.export_parameters.get(parameter)
        if callable(name):
            return name(request, value)
        return {name: value} if name else None


def _days(period: PeriodFilter, names: tuple[str, str]) -> Found:
    """The days that the list's filter lets through; the main period is never open."""
    first, until = period.bounds
    found = {}
    if first:
        found[names[0]] = timezone.localtime(first).date().isoformat()
    if until:
        last = timezone.localtime(until) - timedelta(days=1)
        found[names[1]] = last.date().isoformat()
    if names == PERIOD:
        found.setdefault(PERIOD[0], BEGINNING)
        found.setdefault(PERIOD[1], timezone.localdate().isoformat())
    return found


def player(request: HttpRequest, pk: str) -> Found | None:
    """Parameters that name a row by its key, if the reader may see it: what the form calls it."""
    row = _row(request, Player, pk, "username", "channel_id")
    return {"player": row[0], "channel": row[1]} if row else None


def wallet(request: HttpRequest, pk: str) -> Found | None:
    row = _row(request, Wallet, pk, "player__username", "player__channel_id", "type_id")
    return {"player": row[0], "channel": row[1], "wallet_type": row[2]} if row else None


def agent(request: HttpRequest, pk: str) -> Found | None:
    row = _row(request, Agent, pk, "agent_id", "channel_id")
    return {"agent": row[0], "channel": row[1]} if row else None


def sub_channel(request: HttpRequest, pk: str) -> Found | None:
    row = _row(request, SubChannel, pk, "number", "channel_id")
    return {"sub_channel": row[0], "channel": row[1]} if row else None


def house_account(request: HttpRequest, pk: str) -> Found | None:
    row = _row(request, HouseAccount, pk, "role", "channel_id", "currency")
    return {"account": row[0], "channel": row[1], "currency": row[2]} if row else None


def without(name: str) -> Read:
    """For parameters that ask for rows without something."""
    return lambda request, value: {name: NONE} if value in {"True", "1"} else None


def until_moment(request: HttpRequest, value: str) -> Found | None:
    """For the moment at which a day ends."""
    try:
        last = timezone.localtime(datetime.fromisoformat(value)) - timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return None
    return {PERIOD[1]: last.date().isoformat()}


def _row(request: HttpRequest, model: Any, pk: str, *fields: str) -> Any:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    return choices_of(model, request).filter(pk=int(pk)).values_list(*fields).first()
