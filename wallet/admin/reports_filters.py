"""Filters of the ledger list that find the entries behind a report's figure."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from wallet.reports.figures import FIGURES
from wallet.reports.games import GAMES, of_game

NO_GAME = "none"


class FigureFilter(DropdownFilter):
    """The applied entries that a figure of the daily summary adds up."""

    title = _("figure")
    parameter_name = "figure"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, capfirst(figure.title)) for name, figure in FIGURES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        figure = FIGURES.get(self.value() or "")
        if figure is None:
            return queryset
        return queryset.filter(figure.entries)


class GameFilter(DropdownFilter):
    """The entries of one game, or of none."""

    title = _("game")
    parameter_name = "game"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        games = [(str(number), f"{number} {name}") for number, name in GAMES.items()]
        return [*games, (NO_GAME, _("no game"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if value != NO_GAME and not value.removeprefix("-").isdecimal():
            return queryset
        return queryset.filter(of_game(None if value == NO_GAME else int(value[:9])))
