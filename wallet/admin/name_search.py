"""Finding rows by their player's username, through the index of usernames in each channel."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from wallet.admin.base import choices_of
from wallet.models import Channel, Player

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
MOST_PLAYERS = 50


def in_channels(request: HttpRequest) -> Q:
    """The reader's channels by number: the indexes begin with the channel."""
    return Q(channel__in=list(choices_of(Channel, request).values_list("pk", flat=True)))


def players_named(request: HttpRequest, text: str) -> list[int]:
    """The players within scope of that name or alias, else the first whose names begin so."""
    text = text.strip().lower()
    if not _USERNAME.fullmatch(text):
        return []
    page: Any = admin.site.get_model_admin(Player)
    players = page.get_queryset(request).filter(in_channels(request)).order_by("username")
    whole = list(
        players.filter(Q(username=text) | Q(alias=text))[:MOST_PLAYERS].values_list("pk", flat=True)
    )
    if whole:
        return whole
    found = players.filter(username__startswith=text).values_list("pk", flat=True)
    return list(found[:MOST_PLAYERS])


class SearchedByUsername:
    """A list whose search is a username or its beginning. Goes before the ModelAdmin."""

    search_player = "player"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        found = players_named(request, search_term)
        return queryset.filter(**{f"{self.search_player}__in": found}), False
