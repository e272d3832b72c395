"""What happens to players: registering, signing in, locking, and the sessions that follow."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.hashers import check_password as verify_hash
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet import ledger
from wallet.db import fetch_all
from wallet.models import (
    MAIN_TYPE_ID,
    AccessToken,
    Agent,
    Channel,
    EntryKind,
    Player,
    PlayerSession,
    SubChannel,
    Wallet,
    WalletType,
)
from wallet.secrets import token_digest
from wallet.signals import player_registered

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")
PASSWORD_LENGTHS = range(5, 65)


class PlayerError(Exception):
    """A request about a player that cannot be met; nothing changed."""


class BadUsername(PlayerError):
    """The username has characters that eBET's rules do not allow."""


class BadPassword(PlayerError):
    """The password is shorter or longer than the policy allows."""


class UsernameTaken(PlayerError):
    """The channel has a player of this name, user ID or alias."""


class PlayerClosed(PlayerError):
    """A closed account stays closed."""


def normalise_username(username: str) -> str:
    """Lower case, as eBET forces it. Raises BadUsername."""
    lowered = username.lower()
    if not USERNAME.fullmatch(lowered):
        raise BadUsername(
            _("Use lower-case letters, digits and . _ @ - and begin with a letter or digit.")
        )
    return lowered


def check_password_policy(password: str) -> None:
    """Raises BadPassword."""
    if len(password) not in PASSWORD_LENGTHS:
        raise BadPassword(_("A password has 5 to 64 characters."))


def register(
    *,
    channel: Channel,
    username: str,
    password: str = "",
    currency: str | None = None,
    nickname: str = "",
    sub_channel: SubChannel | None = None,
    agent: Agent | None = None,
    user_id: int | None = None,
    alias: str | None = None,
    status: str = Player.Status.ACTIVE,
    opening_balances: Mapping[int, Decimal] | None = None,
    registered_at: datetime | None = None,
    actor_id: int | None = None,
) -> Player:
    """Open an account with a wallet of every active type, in one transaction.

    ``opening_balances`` are posted by wallet type, in the player's currency. Without a password
    the player signs in by token only. Sends player_registered before the commit.
    Raises BadUsername, BadPassword, UsernameTaken.
    """
    username = normalise_username(username)
    if password:
        check_password_policy(password)
    hashed = make_password(password or None)
    opening = dict(opening_balances or {})
    try:
        with transaction.atomic():
            player = Player.objects.create(
                channel=channel,
                username=username,
                password=hashed,
                nickname=nickname,
                currency=currency or channel.currency,
                sub_channel=sub_channel or (agent.sub_channel if agent else None),
                agent=agent,
                user_id=_next_user_id() if user_id is None else user_id,
                alias=alias,
                status=status,
                registered_at=registered_at or timezone.now(),
            )
            types = WalletType.objects.filter(active=True) | WalletType.objects.filter(
                type_id__in=[MAIN_TYPE_ID, *opening]
            )
            wallets = Wallet.objects.bulk_create(
                Wallet(
                    channel_id=player.channel_id,
                    player=player,
                    type=wallet_type,
                    currency=player.currency,
                )
                for wallet_type in types.order_by("type_id")
            )
            for wallet in wallets:
                _post_opening(wallet, opening.get(wallet.type_id), registered_at, actor_id)
            player_registered.send(sender=Player, player=player)
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
        if name in ("player_username", "player_user_id", "player_alias"):
            raise UsernameTaken(
                _("The channel has a player of this name, user ID or alias.")
            ) from error
        raise
    return player


def open_wallet(
    *,
    player: Player,
    wallet_type: WalletType,
    opening_balance: Decimal | None = None,
    occurred_at: datetime | None = None,
    actor_id: int | None = None,
) -> Wallet:
    """The player's wallet of this type; one without an entry gets the opening balance, posted.

    An opening balance of 0.00 is posted too: from then on the wallet has its history.
    """
    wallet, created = Wallet.objects.get_or_create(
        player=player,
        type=wallet_type,
        defaults={"channel_id": player.channel_id, "currency": player.currency},
    )
    if created or not wallet.version:
        _post_opening(wallet, opening_balance, occurred_at, actor_id)
        wallet.refresh_from_db()
    return wallet


def _post_opening(
    wallet: Wallet, balance: Decimal | None, occurred_at: datetime | None, actor_id: int | None
) -> None:
    if balance is not None:
        ledger.post(
            wallet_id=wallet.pk,
            kind=EntryKind.OPENING,
            amount=balance,
            source="opening",
            reference=f"wallet:{wallet.pk}",
            occurred_at=occurred_at,
            actor_id=actor_id,
        )


def _next_user_id() -> int:
    ((number,),) = fetch_all("SELECT nextval('wallet_player_user_id')", [])
    return int(number)


def check_password(*, player: Player, password: str) -> bool:
    """Whether the password is the player's. Takes some 20 ms of CPU, by design."""
    return bool(password) and verify_hash(password, player.password)


def issue_access_token(
    *,
    player: Player,
    token: str | None = None,
    expires_at: datetime | None = None,
    fixed: bool = False,
) -> str:
    """A token with which eBET may log the player in; only its digest is stored.

    ``fixed`` tokens are for eBET's repeated tests: they neither rotate nor expire unless
    ``expires_at`` says so.
    """
    token = token or secrets.token_hex(16)
    AccessToken.objects.get_or_create(
        channel_id=player.channel_id,
        digest=token_digest(token),
        defaults={"player": player, "expires_at": expires_at, "fixed": fixed},
    )
    return token


def open_session(
    *,
    player: Player,
    token: str | None = None,
    fixed: bool = False,
    login_seq_no: str | None = None,
    event_type: int | None = None,
    platform: int | None = None,
    address: str | None = None,
) -> str:
    """Open a game session and return its token; only the digest is stored.

    Older sessions go on; they end by idle time, logout, lock or closing.
    """
    token = token or secrets.token_hex(20)
    PlayerSession.objects.get_or_create(
        channel_id=player.channel_id,
        digest=token_digest(token),
        defaults={
            "player": player,
            "fixed": fixed,
            "login_seq_no": login_seq_no,
            "event_type": event_type,
            "platform": platform,
            "address": address,
        },
    )
    return token


def lock(*, player: Player, reason: str) -> None:
    """No more logins or bets; whatever is running still settles. Raises PlayerClosed."""
    _set_status(player, Player.Status.LOCKED, reason, PlayerSession.End.LOCK)


def unlock(*, player: Player, reason: str = "") -> None:
    """Raises PlayerClosed."""
    _set_status(player, Player.Status.ACTIVE, reason, None)


def close(*, player: Player, reason: str) -> None:
    """For good: no login, no bet, but settlements still apply."""
    _set_status(player, Player.Status.CLOSED, reason, PlayerSession.End.CLOSE)


def _set_status(
    player: Player, status: Player.Status, reason: str, end: PlayerSession.End | None
) -> None:
    with transaction.atomic():
        current = Player.objects.select_for_update(no_key=True).get(pk=player.pk)
        if current.status == Player.Status.CLOSED and status != Player.Status.CLOSED:
            raise PlayerClosed(_("A closed account stays closed."))
        current.status, current.status_reason = status, reason
        current.save(update_fields=["status", "status_reason"])
        if end is not None:
            end_sessions(player=current, reason=end)
    player.status, player.status_reason = status, reason


def end_sessions(*, player: Player, reason: PlayerSession.End = PlayerSession.End.STAFF) -> int:
    """End every open session of the player, fixed ones too; how many there were."""
    return player.sessions.filter(ended_at=None).update(ended_at=timezone.now(), end_reason=reason)


def reset_password(*, player: Player, password: str) -> None:
    """Raises BadPassword."""
    check_password_policy(password)
    player.password = make_password(password)
    player.save(update_fields=["password"])
