"""Guessing a player's password or token closes the door for LOGIN_FAILURE_WINDOW seconds.

Only what was a guess counts, since the last moment at which staff forgave the player's guesses.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models import Channel, LoginEvent, Player

GUESSES = (LoginEvent.Outcome.WRONG_PASSWORD, LoginEvent.Outcome.UNKNOWN_TOKEN)


def recent(events: QuerySet[LoginEvent]) -> QuerySet[LoginEvent]:
    """Those that still count."""
    window = timedelta(seconds=settings.LOGIN_FAILURE_WINDOW)
    return events.filter(at__gt=timezone.now() - window)


def _guesses(events: QuerySet[LoginEvent]) -> QuerySet[LoginEvent]:
    """Those that count: recent ones that were not forgiven."""
    forgiven = LoginEvent.objects.filter(
        player=OuterRef("player"), outcome=LoginEvent.Outcome.FORGIVEN, at__gte=OuterRef("at")
    )
    return recent(events).filter(outcome__in=GUESSES).exclude(Exists(recent(forgiven)))


def failures_of(player_id: int) -> int:
    """How often somebody has guessed at the player's lately."""
    return _guesses(LoginEvent.objects.filter(player=player_id)).count()


def is_shut_out(player: Player) -> bool:
    return bool(failures_of(player.pk) >= settings.LOGIN_FAILURES_PER_PLAYER)


def shut_out(players: QuerySet[Player]) -> QuerySet[Player]:
    """Those of ``players`` who cannot log in now because of too many guesses."""
    channels = list(Channel.objects.values_list("pk", flat=True))  # where the index begins
    guessed_at = (
        _guesses(LoginEvent.objects.filter(channel__in=channels, player__isnull=False))
        .order_by()
        .values("player")
        .annotate(guesses=Count("pk"))
        .filter(guesses__gte=settings.LOGIN_FAILURES_PER_PLAYER)
    )
    return players.filter(pk__in=guessed_at.values("player"))


# Why players cannot log in: in words, and which of some players.
KEPT_OUT: Final[dict[str, tuple[Any, Callable[[QuerySet[Player]], QuerySet[Player]]]]] = {
    "locked": (
        _("locked by staff"),
        lambda players: players.filter(status=Player.Status.LOCKED),
    ),
    "guesses": (_("too many failed logins"), shut_out),
}


def forgive(player: Player) -> None:
    """Let the player try again at once; the guesses stay in the login history."""
    LoginEvent.objects.create(
        channel_id=player.channel_id,
        player=player,
        username=player.username,
        outcome=LoginEvent.Outcome.FORGIVEN,
    )
