"""Guessing passwords or tokens closes the door for a while: for the player, and for the address.

Only what was a guess counts, for LOGIN_FAILURE_WINDOW seconds; money is never throttled.
"""

from django.conf import settings

from wallet.models import LoginEvent
from wallet.network import Address
from wallet.throttling import GUESSES, failures_of, recent


def is_closed(*, player_failures: int, address_failures: int) -> bool:
    return bool(
        player_failures >= settings.LOGIN_FAILURES_PER_PLAYER
        or address_failures >= settings.LOGIN_FAILURES_PER_ADDRESS
    )


def is_closed_for(*, channel_id: int, player_id: int | None, address: Address | None) -> bool:
    """Whether the player, or whoever comes from the address, has guessed too often lately."""
    guesses = recent(LoginEvent.objects.filter(channel_id=channel_id, outcome__in=GUESSES))
    return is_closed(
        player_failures=failures_of(player_id) if player_id else 0,
        address_failures=guesses.filter(address=str(address)).count() if address else 0,
    )
