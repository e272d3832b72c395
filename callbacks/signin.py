"""Signing in on the hosted login page: we know the player, eBET is told by `callback`."""

from datetime import timedelta
from typing import Final

from django.contrib.auth.hashers import make_password
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from callbacks import logins, throttle
from callbacks.refusals import Refusal
from providers.ebet.client import Client
from providers.errors import ProviderError
from wallet import players
from wallet.models import Channel, LoginEvent, Player
from wallet.network import Address

TOKEN_MINUTES: Final = 5
RETRY_SECONDS: Final = 300
_SALT: Final = "callbacks.signin"

Outcome = LoginEvent.Outcome


class NotSignedIn(Exception):
    """The player was not let in; the text is for them to read."""


class EbetUnreachable(Exception):
    """We know the player, but eBET has not said yes. `retry` lets them try once more."""

    def __init__(self, retry: str) -> None:
        super().__init__(retry)
        self.retry = retry


def is_offered(channel: Channel) -> bool:
    """Whether the channel can tell eBET about a login."""
    return channel.status == Channel.Status.ACTIVE and bool(
        channel.ebet_api_url and _private_pem(channel)
    )


def sign_in(*, channel: Channel, username: str, password: str, address: Address | None) -> None:
    """Check the player and tell eBET. Raises NotSignedIn, EbetUnreachable."""
    player = Player.objects.filter(channel=channel, username=username.strip().lower()).first()
    if throttle.is_closed_for(
        channel_id=channel.pk, player_id=player.pk if player else None, address=address
    ):
        _note(channel, player, username, Outcome.THROTTLED, address)
        raise NotSignedIn(_("Too many attempts. Please wait a few minutes."))
    right = _is_right(player, password)
    if player is None or not right:
        _note(channel, player, username, Outcome.WRONG_PASSWORD, address)
        raise NotSignedIn(_("The username or the password is wrong."))
    if not player.is_active:
        _note(channel, player, username, Outcome.INACTIVE, address)
        raise NotSignedIn(_("This account cannot sign in. Please contact customer service."))
    _note(channel, player, username, Outcome.SUCCESS, address)
    _tell_ebet(channel, player)


def retry(*, channel: Channel, ticket: str) -> None:
    """Tell eBET once more, anew. Raises NotSignedIn, EbetUnreachable."""
    try:
        player_id = signing.loads(ticket, salt=_SALT, max_age=RETRY_SECONDS)
    except signing.BadSignature as error:
        raise NotSignedIn(_("Please sign in again.")) from error
    player = Player.objects.filter(
        channel=channel, pk=player_id, status=Player.Status.ACTIVE
    ).first()
    if player is None:
        raise NotSignedIn(_("Please sign in again."))
    _tell_ebet(channel, player)


def _is_right(player: Player | None, password: str) -> bool:
    try:
        with logins.one_hash():
            if player is None:
                make_password(password)  # an unknown name takes as long as a wrong password
                return False
            return players.check_password(player=player, password=password)
    except Refusal as error:
        raise NotSignedIn(_("Too many people are signing in. Please try again.")) from error


def _tell_ebet(channel: Channel, player: Player) -> None:
    token = players.issue_access_token(
        player=player, expires_at=timezone.now() + timedelta(minutes=TOKEN_MINUTES)
    )
    client = Client(
        base_url=channel.ebet_api_url, channel_id=channel.pk, private_pem=_private_pem(channel)
    )
    try:
        known = client.callback(
            username=player.username,
            access_token=token,
            sub_channel_id=player.sub_channel.number if player.sub_channel else None,
        )
    except ProviderError as error:
        raise EbetUnreachable(signing.dumps(player.pk, salt=_SALT)) from error
    Player.objects.filter(pk=player.pk).update(
        ebet_user_id=known.user_id, last_login_at=timezone.now()
    )


def _private_pem(channel: Channel) -> str:
    key = channel.active_key
    return key.private_pem if key else ""


def _note(
    channel: Channel,
    player: Player | None,
    username: str,
    outcome: LoginEvent.Outcome,
    address: Address | None,
) -> None:
    LoginEvent.objects.create(
        channel=channel,
        player=player,
        username=username[:64],
        outcome=outcome,
        address=str(address) if address else None,
    )
