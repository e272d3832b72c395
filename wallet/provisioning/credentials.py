"""The access tokens and sessions of a player. They are added, never taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from wallet import players
from wallet.models import AccessToken, Player, PlayerSession
from wallet.provisioning.document import Item, Members
from wallet.provisioning.run import Run, update
from wallet.secrets import token_digest

LONGEST: Final = 256


@dataclass(frozen=True)
class Token:
    """A token as the file gives it: a bare string is fixed, an object may expire."""

    place: str
    text: str
    fixed: bool = True
    expires_at: datetime | None = None

    @property
    def digest(self) -> bytes:
        """How the database knows it."""
        return token_digest(self.text)


def read_tokens(item: Item) -> list[Token]:
    """The member ``access_tokens``."""
    found = []
    for place, value in item.elements("access_tokens"):
        if isinstance(value, Members):
            found.append(_read_object(Item(value, place, item.problems)))
        else:
            found.append(_read_text(item, place, value))
    return [token for token in found if token]


def read_sessions(item: Item) -> list[Token]:
    """The member ``sessions``."""
    found = [_read_text(item, place, value) for place, value in item.elements("sessions")]
    return [token for token in found if token]


def _read_text(item: Item, place: str, value: object) -> Token | None:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        item.problems.add(place, f"must be text of 1 to {LONGEST} characters")
        return None
    return Token(place, value)


def _read_object(item: Item) -> Token | None:
    token = _read_text(item, item.at("token"), item.get("token"))
    value = item.get("expires_at")
    item.close()
    expires_at = None
    if isinstance(value, str):
        try:
            expires_at = parse_datetime(value)
        except ValueError:
            expires_at = None
    if value and not (expires_at and is_aware(expires_at)):
        item.problem("must be a time with its zone, such as 2026-01-01T00:00:00Z", at="expires_at")
        return None
    return token and Token(token.place, token.text, fixed=False, expires_at=expires_at)


class Credentials:
    """What the database holds of the tokens, and sessions, that one file names."""

    def __init__(self, model: type[AccessToken | PlayerSession], run: Run, what: str) -> None:
        self.model = model
        self.run = run
        self.what = what
        self.known: dict[tuple[int, bytes], Any] = {}

    def load(self, tokens: list[tuple[int, str, Token]]) -> None:
        """Find (channel, username, token) in the database; report what belongs to another."""
        digests = {token.digest for _, _, token in tokens}
        self.known = {
            (row.channel_id, bytes(row.digest)): row
            for row in self.model._default_manager.filter(digest__in=digests).select_related(
                "player"
            )
        }
        for channel_id, username, token in tokens:
            self.run.once(token.place, self.what, channel_id, token.digest)
            row = self.known.get((channel_id, token.digest))
            if row and row.player.username != username:
                self.run.problems.add(token.place, "belongs to another player of the channel")

    def add_token(self, player: Player, token: Token) -> bool:
        """Whether anything had to be written."""
        row = self.known.get((player.channel_id, token.digest))
        if row is None:
            players.issue_access_token(
                player=player, token=token.text, expires_at=token.expires_at, fixed=token.fixed
            )
            return True
        return bool(update(row, {"fixed": token.fixed, "expires_at": token.expires_at}))

    def add_session(self, player: Player, token: Token) -> bool:
        """Whether anything had to be written; a session that has ended is opened again."""
        row = self.known.get((player.channel_id, token.digest))
        if row is None:
            players.open_session(player=player, token=token.text, fixed=True)
            return True
        return bool(update(row, {"fixed": True, "ended_at": None, "end_reason": ""}))
