"""Which rows a staff member sees: those of the channels and sub-channels in their StaffScope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

_Row = TypeVar("_Row", bound=Model)

_CACHE = "_staff_scope"


@dataclass(frozen=True, slots=True)
class Scope:
    """``channels`` are seen whole; of ``partly`` only the listed sub-channels are."""

    everything: bool = False
    channels: frozenset[int] = frozenset()
    sub_channels: frozenset[int] = frozenset()
    partly: frozenset[int] = frozenset()

    def holds(self, other: Scope) -> bool:
        """Whether nothing of ``other`` lies outside; sub-channels of a whole channel lie inside."""
        if self.everything:
            return True
        return (
            not other.everything
            and other.channels <= self.channels
            and other.partly <= self.channels | self.partly
            and (other.partly <= self.channels or other.sub_channels <= self.sub_channels)
        )


def scope_of(user: User | AnonymousUser) -> Scope:
    """Read once per request: it is remembered on the user object."""
    cached: Scope | None = getattr(user, _CACHE, None)
    if cached is None:
        cached = _read(user)
        setattr(user, _CACHE, cached)
    return cached


def _read(user: User | AnonymousUser) -> Scope:
    if not user.is_active or user.is_anonymous:
        return Scope()
    if user.is_superuser:
        return Scope(everything=True)
    rows = [(row.channel_id, row.sub_channel_id) for row in user.scopes.all()]
    whole = frozenset(channel for channel, sub_channel in rows if sub_channel is None)
    parts = [(channel, sub) for channel, sub in rows if sub is not None and channel not in whole]
    return Scope(
        channels=whole,
        sub_channels=frozenset(sub for _, sub in parts),
        partly=frozenset(channel for channel, _ in parts),
    )


def member(request: HttpRequest) -> User:
    """Who is signed in; every page of the admin has seen to it that somebody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def visible(
    user: User | AnonymousUser,
    queryset: QuerySet[_Row],
    *,
    channel: str = "channel",
    sub_channel: str | None = None,
) -> QuerySet[_Row]:
    """The rows of ``queryset`` within the user's scope.

    ``channel`` and ``sub_channel`` are the lookup paths that lead there. Where a row belongs to no
    sub-channel in particular, only those who see the whole channel see it.
    """
    scope = scope_of(user)
    if scope.everything:
        return queryset
    return queryset.filter(condition(scope, channel=channel, sub_channel=sub_channel))


def condition(scope: Scope, *, channel: str = "channel", sub_channel: str | None = None) -> Q:
    """What ``visible`` filters by, for a scope that is not everything."""
    inside: dict[str, Any] = {f"{channel}__in": sorted(scope.channels)}
    if sub_channel is None or not scope.sub_channels:
        return Q(**inside)
    return Q(**inside) | Q(**{f"{sub_channel}__in": sorted(scope.sub_channels)})
