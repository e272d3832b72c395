"""Letting players in: the throttle, the credential, then the session and its tokens.

A login's tokens are derived from its key (channel, player, event type, seqNo): only digests are
stored, and a repeated login is nevertheless answered with the first one's tokens.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from callbacks import throttle
from callbacks.context import ChannelContext, PlayerContext
from callbacks.members import NAME_LENGTH
from callbacks.messages import Login
from callbacks.refusals import Refusal
from providers.ebet.statuses import Status
from wallet import players
from wallet.models import AccessToken, Channel, LoginEvent, Player
from wallet.network import is_in, parse_address
from wallet.secrets import derive_token

HASHING_SECONDS = 2.0

# One password at a time in each process, and one process for each core: hashing is slow by design
# and money must never wait for it.
_hashing = threading.Semaphore(1)
_CURRENCY = re.compile(r"[A-Z]{3,8}")

Outcome = LoginEvent.Outcome


class AlreadyDone(Exception):
    """Another copy of this login was faster; what it did answers both."""


@dataclass(frozen=True, slots=True)
class LoginFacts:
    """What the database knows about a login besides the player.

    `known_player` is whose session this seqNo opened before; the failures are those of the
    throttle's window.
    """

    password: str | None
    token_id: int | None
    token_fixed: bool | None
    token_usable: bool | None
    known_player: int | None
    player_failures: int
    address_failures: int


@dataclass(frozen=True, slots=True)
class Tokens:
    """What eBET is given: the session's token, and the token for the next login."""

    session: str
    access: str


def tokens_of(
    *, message: Login, channel: ChannelContext, player: PlayerContext, facts: LoginFacts
) -> Tokens:
    """The tokens of a login, the same ones whenever it is repeated.

    A token login uses its token up, and gets a new one; a fixed token stays.
    """
    key = (channel.id, player.id, message.event_type, message.seq_no)
    fixed = message.by_token and facts.token_fixed
    return Tokens(
        session=derive_token("session", *key),
        access=message.access_token if fixed else derive_token("access", *key),
    )


def register(*, message: Login, channel: ChannelContext, facts: LoginFacts) -> None:
    """Open an account for an unknown username, where the channel and the message allow it.

    Raises Refusal (4037) where they do not, 4025 for a currency that is none, and 4038 for an
    address that guesses: it must not go on to learn which names there are.
    """
    _check_throttle(message, channel, None, facts)
    if not channel.auto_register or message.by_token or not message.password:
        _fail(message, channel, None, Status.USER_UNKNOWN)
    if message.currency and not _CURRENCY.fullmatch(message.currency):
        raise Refusal(Status.BAD_PARAMETER, "no currency")
    try:
        with one_hash():
            players.register(
                channel=Channel.objects.get(pk=channel.id),
                username=message.username,
                password=message.password,
                currency=message.currency or None,
            )
    except (players.BadUsername, players.BadPassword) as error:
        raise Refusal(Status.USER_UNKNOWN, "not a name or password we accept") from error
    except players.UsernameTaken:
        pass  # a copy of this message registered the player; the login goes on


def admit(
    *, message: Login, channel: ChannelContext, player: PlayerContext, facts: LoginFacts
) -> None:
    """Raise Refusal unless the throttle, the credential and the player's status let it through."""
    _check_throttle(message, channel, player, facts)
    if message.by_token and not facts.token_usable:
        _fail(message, channel, player, Status.BAD_TOKEN)
    if not player.is_active:
        _note(message, channel, player, Outcome.INACTIVE)
        raise Refusal(Status.BAD_CREDENTIALS, f"player {player.status}")
    if not message.by_token:
        with one_hash():
            right = players.check_password(
                player=Player(pk=player.id, password=facts.password or ""),
                password=message.password,
            )
        if not right:
            _fail(message, channel, player, Status.BAD_CREDENTIALS)


def open_session(
    *, message: Login, channel: ChannelContext, player: PlayerContext, facts: LoginFacts
) -> Tokens:
    """Write the session, the tokens and the event, all or nothing. Raises AlreadyDone."""
    tokens = tokens_of(message=message, channel=channel, player=player, facts=facts)
    account = Player(pk=player.id, channel_id=channel.id)
    now = timezone.now()
    address = parse_address(message.address)
    try:
        with transaction.atomic():
            if message.by_token and not facts.token_fixed:
                unused = AccessToken.objects.filter(pk=facts.token_id or 0, used_at=None)
                if not unused.update(used_at=now):
                    raise AlreadyDone
            if tokens.access != message.access_token:
                players.issue_access_token(
                    player=account,
                    token=tokens.access,
                    expires_at=now + timedelta(minutes=channel.session_idle_minutes),
                )
            players.open_session(
                player=account,
                token=tokens.session,
                login_seq_no=message.seq_no,
                event_type=message.event_type,
                platform=message.platform,
                address=str(address) if address else None,
            )
            Player.objects.filter(pk=player.id).update(last_login_at=now)
            _note(message, channel, player, Outcome.SUCCESS)
    except IntegrityError as error:
        raise AlreadyDone from error
    return tokens


def _check_throttle(
    message: Login, channel: ChannelContext, player: PlayerContext | None, facts: LoginFacts
) -> None:
    """Guessing ends here, for the player and for the address it comes from.

    eBET's own addresses are everybody's, so they never count.
    """
    own = is_in(parse_address(message.address), channel.networks)
    if throttle.is_closed(
        player_failures=facts.player_failures,
        address_failures=0 if own else facts.address_failures,
    ):
        _note(message, channel, player, Outcome.THROTTLED)
        raise Refusal(Status.TOO_MANY_REQUESTS, "too many failed logins")


def _fail(
    message: Login, channel: ChannelContext, player: PlayerContext | None, status: Status
) -> None:
    """Count the failure and raise its Refusal."""
    outcome = Outcome.UNKNOWN_TOKEN if message.by_token else Outcome.WRONG_PASSWORD
    _note(message, channel, player, outcome)
    raise Refusal(status, "no such player" if player is None else "wrong password or token")


def _note(
    message: Login,
    channel: ChannelContext,
    player: PlayerContext | None,
    outcome: LoginEvent.Outcome,
) -> None:
    address = parse_address(message.address)
    LoginEvent.objects.create(
        channel_id=channel.id,
        player_id=player.id if player else None,
        username=message.username[:NAME_LENGTH],
        outcome=outcome,
        event_type=message.event_type,
        address=str(address) if address else None,
    )


@contextmanager
def one_hash() -> Iterator[None]:
    """Hash a password when it is this one's turn. Raises Refusal (4003)."""
    if not _hashing.acquire(timeout=HASHING_SECONDS):
        raise Refusal(Status.BUSY, "too many logins at once")
    try:
        yield
    finally:
        _hashing.release()
