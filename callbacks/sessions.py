"""The session that a balance or a stake needs."""

from django.utils import timezone

from callbacks.context import PlayerContext
from callbacks.refusals import Refusal
from providers.ebet.statuses import Status
from wallet.models import PlayerSession


def require(player: PlayerContext, session_id: int | None, *, stale: bool) -> None:
    """Raise Refusal (410) unless the player may play in an open session of their own.

    Use keeps a session open; it is noted once a minute (`stale`), not at every message.
    """
    if not player.is_active:
        raise Refusal(Status.BAD_TOKEN, f"player {player.status}")
    if session_id is None:
        raise Refusal(Status.BAD_TOKEN, "no open session of this player")
    if stale:
        PlayerSession.objects.filter(pk=session_id).update(last_used_at=timezone.now())
