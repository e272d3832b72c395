"""Stretches of indexes that begin with the channel."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest

from wallet.models import Channel
from wallet.scope import scope_of

MOST_LANES = 64


def channel_lanes(request: HttpRequest, *, channel: str = "channel") -> list[Q]:
    """One lane a channel that the staff member sees whole; none where that would not be exact."""
    scope = scope_of(request.user)
    if scope.sub_channels:
        return []
    if scope.everything:
        numbers = list(Channel.objects.values_list("pk", flat=True)[: MOST_LANES + 1])
    else:
        numbers = sorted(scope.channels)
    return [Q(**{channel: number}) for number in numbers] if len(numbers) <= MOST_LANES else []
