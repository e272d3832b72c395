"""What staff write down about a player: never edited, withdrawn with a reason."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet.models import Note, Player


class NoteError(Exception):
    """The note cannot be changed so; the text says why."""


def write(*, player: Player, author: User, text: str, pinned: bool = False) -> Note:
    """Keep a note about the player; a pinned one stands above everything else on their page."""
    return Note.objects.create(
        channel_id=player.channel_id, player=player, author=author, text=text, pinned=pinned
    )


def pin(*, note: Note, pinned: bool) -> None:
    """Raises NoteError."""
    _change(note, pinned=pinned)


def withdraw(*, note: Note, by: User, reason: str) -> None:
    """It is no longer shown as valid; text and reason stay readable. Raises NoteError."""
    _change(
        note,
        pinned=False,
        withdrawn_at=timezone.now(),
        withdrawn_by=by,
        withdrawal_reason=reason,
    )


def _change(note: Note, **values: object) -> None:
    if not Note.objects.filter(pk=note.pk, withdrawn_at=None).update(**values):
        raise NoteError(_("The note was withdrawn already."))
