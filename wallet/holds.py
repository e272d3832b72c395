"""Holds that the provider never returned: given back by staff, once, with a reason."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext

from wallet import ledger
from wallet.models import EntryKind, Hold

PROVIDER: Final = "ebet:"
"""Transfers to other providers withhold money too, and settle by themselves."""

RELEASABLE_AFTER: Final = timedelta(hours=1)
"""A round that is still played may need its hold, and returns it itself."""


class NotReleasable(Exception):
    """The hold is not the game's, too fresh, or returned already."""

    def __str__(self) -> str:
        return gettext("Only what a game has withheld for an hour can be returned, and once.")


def is_releasable(hold: Hold) -> bool:
    entry = hold.entry
    return (
        hold.remaining > 0
        and entry.source.startswith(PROVIDER)
        and entry.posted_at < timezone.now() - RELEASABLE_AFTER
    )


def release(*, hold: Hold, reason: str, actor_id: int, request_id: uuid.UUID) -> ledger.Posting:
    """Return what is left of a hold to the player.

    Should the provider return it after all, it is told that this was done (209). The same
    `request_id` again changes nothing. Raises NotReleasable, ledger.Busy.
    """
    if not is_releasable(hold):
        raise NotReleasable
    answer = ledger.post(
        wallet_id=hold.wallet_id,
        kind=EntryKind.RELEASE,
        amount=hold.remaining,
        source="staff:release",
        reference=str(request_id),
        round_code=hold.entry.round_code,
        holds=[hold.entry.reference],
        actor_id=actor_id,
        reason=reason,
    )
    if not answer.accepted:
        raise NotReleasable
    return answer
