"""From a list with its filters to the form that asks for the same rows as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.views.main import SEARCH_VAR
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

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
        context = dict(extra_context or {})
        if request.user.has_perms(SOURCES[self.export_source].permissions):
            context["export_address"] = self._address(request)
        response: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return response

    def _address(self, request: HttpRequest) -> str:
        query: dict[str, Any] = {"source": self.export_source}
        left_out = []
        for field, names in self.export_periods.items():
            query |= self._period(request, field, names)
        known_periods = {
            f"{field}{end}" for field in self.export_periods for end in ("", "_from", "_to")
        }
        for parameter in request.GET:
            value = request.GET.get(parameter, "")
            if not value or parameter in NOT_FILTERS or parameter in known_periods:
                continue
            found = self._found(request, parameter, str(value))
            if found is None:
                left_out.append(parameter)
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

    def _period(self, request: HttpRequest, field: str, names: tuple[str, str]) -> Found:
        """The days that the list's filter lets through; the main period is never open."""
        admin: Any = self
        specs: dict[str, Any] = dict(item for item in admin.list_filter if isinstance(item, tuple))
        expected = (field, f"{field}_from", f"{field}_to")
        chosen = {name: request.GET.getlist(name) for name in expected if name in request.GET}
        period: PeriodFilter = specs[field](
            admin.model._meta.get_field(field), request, chosen, admin.model, admin, field
        )
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
