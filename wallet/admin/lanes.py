"""Stretches of indexes that begin with the channel."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Q
from django.http import HttpRequest

from wallet.models import Agent, Channel, SubChannel
from wallet.scope import scope_of

MOST_LANES = 64
# Filters behind which there is one channel.
_OF_A_CHANNEL: Final[dict[str, Any]] = {
    "agent__id__exact": Agent,
    "player__agent__id__exact": Agent,
    "sub_channel__id__exact": SubChannel,
    "player__sub_channel__id__exact": SubChannel,
}


def channel_lanes(request: HttpRequest, *, channel: str = "channel") -> list[Q]:
    """One lane for each channel of which the list can show something.

    The list's own conditions narrow a channel down to the sub-channels that are seen.
    """
    for parameter, model in _OF_A_CHANNEL.items():
        value = request.GET.get(parameter, "")
        if value.isascii() and value.isdigit() and len(value) < 19:
            rows = model.objects.filter(pk=int(value))
            return [Q(**{channel: number}) for number in rows.values_list("channel", flat=True)]
    scope = scope_of(request.user)
    if scope.everything:
        numbers = list(Channel.objects.values_list("pk", flat=True)[: MOST_LANES + 1])
    else:
        numbers = sorted(scope.channels | scope.partly)
    return [Q(**{channel: number}) for number in numbers] if len(numbers) <= MOST_LANES else []
