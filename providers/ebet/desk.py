"""What staff ask eBET about one player, and have it do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _

from providers.ebet.answers import CODES
from providers.ebet.client import Client, UserInfo
from providers.errors import OutcomeUnknown, Passing, ProviderError
from wallet import players
from wallet.models import Channel, Player

LINK_MINUTES: Final = 5
_WHOLE: Final = re.compile(r"-?[0-9]{1,18}")


class NoAccess(Exception):
    """The channel cannot call eBET; the text is for staff."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing as we know it and as eBET answers it; None where a side does not say."""

    title: str
    ours: Any
    theirs: Any

    @property
    def differs(self) -> bool:
        return self.ours is not None and self.theirs is not None and self.ours != self.theirs


def client_of(channel: Channel) -> Client:
    """Raises NoAccess."""
    key = channel.active_key
    if not channel.ebet_api_url:
        raise NoAccess(_("The channel has no eBET API address."))
    if key is None or not key.private_pem:
        raise NoAccess(_("The channel has no private key to sign with."))
    return Client(base_url=channel.ebet_api_url, channel_id=channel.pk, private_pem=key.private_pem)


def launch_link(*, player: Player, in_china: bool) -> str:
    """A link that logs the player in at eBET: it works once, within LINK_MINUTES. Never store it.

    Raises NoAccess and the family of `providers.errors`.
    """
    # eBET wants to be told of a yuan channel's players where they are.
    asked = in_china if in_china or player.currency == "CNY" else None
    address = client_of(player.channel).launch_url(currency=player.currency, in_china=asked)
    token = players.issue_access_token(
        player=player, expires_at=timezone.now() + timedelta(minutes=LINK_MINUTES)
    )
    query = urlencode({"username": player.username, "accessToken": token})
    return f"{address}{'&' if '?' in address else '?'}{query}"


def log_out(*, player: Player, end_sessions: bool) -> int:
    """Throw the player out of eBET's games, then end our sessions if wanted; how many.

    Raises NoAccess and the family of `providers.errors`; then nothing was ended here.
    """
    client_of(player.channel).logout(username=player.username)
    return players.end_sessions(player=player) if end_sessions else 0


def compare(*, player: Player) -> list[Fact]:
    """The player as both sides know it. Raises NoAccess and the family of `providers.errors`."""
    info = client_of(player.channel).userinfo(username=player.username)
    number = player.sub_channel.number if player.sub_channel else 0
    return [
        Fact(_("Username"), player.username, info.username.lower() or None),
        Fact(_("eBET's user ID"), player.ebet_user_id, info.user_id),
        Fact(_("Channel ID"), player.channel_id, _whole(info.channel_id)),
        Fact(_("Sub-channel ID"), number, _whole(info.sub_channel_id)),
        *_money(player, info),
        Fact(_("State"), player.get_status_display(), None),
        Fact(_("Answered"), None, "200"),
    ]


def _money(player: Player, info: UserInfo) -> Sequence[Fact]:
    ours = dict(player.wallets.values_list("type_id", "balance"))
    theirs = {wallet.type_id: wallet.money for wallet in info.wallet}
    facts = [Fact(_("Balance"), _cents(ours.get(0)), info.money)]
    for type_id in sorted({*ours, *theirs}):
        title = _("Wallet %(number)s") % {"number": type_id}
        facts.append(Fact(title, _cents(ours.get(type_id)), theirs.get(type_id)))
    return facts


def _cents(amount: Decimal | None) -> Decimal | None:
    """What eBET can know of a balance: it computes to two decimals."""
    return None if amount is None else round(amount, 2)


def _whole(value: int | str) -> int | None:
    return int(value) if _WHOLE.fullmatch(str(value)) else None


def explain(error: Exception) -> str:
    """What staff read when eBET did not do what was asked."""
    if not isinstance(error, ProviderError):
        return str(error)
    row = CODES.get(error.code)
    if row:
        return _("eBET refused: %(meaning)s (%(code)s).") % {
            "meaning": row.meaning,
            "code": error.code,
        }
    if isinstance(error, Passing | OutcomeUnknown):
        return _("eBET cannot be reached, or did not answer as it should: %(error)s") % {
            "error": error
        }
    return _("eBET refused: %(error)s") % {"error": error}
