"""What each status of an answer means, and which events give it."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.ebet.statuses import Status

MEANINGS: Mapping[Status, Promise | str] = MappingProxyType(
    {
        Status.OK: _("Done. A repeated message gets its first answer again."),
        Status.CHANNEL_UNKNOWN: _(
            "The channel does not exist, is closed, or is not that of the URL."
        ),
        Status.SEQ_UNKNOWN: _("Of a refunded bet: it never came. Should it still come: 209."),
        Status.REFUND_MISMATCH: _("The amount is not that of the bet, or more than was withheld."),
        Status.RECORD_UNKNOWN: _(
            "A payout without a known bet, a return without its hold, or a refund after the payout."
        ),
        Status.ALREADY_REFUNDED: _("The bet was refunded before; nothing moves."),
        Status.BAD_CREDENTIALS: _("Wrong password, or the account is locked or closed."),
        Status.BAD_TOKEN: _("The session or token is not valid, or the player may not play."),
        Status.SYSTEM_ERROR: _("Our fault; nothing moved. Please send the message again."),
        Status.MAINTENANCE: _("The channel is in maintenance."),
        Status.INSUFFICIENT_FUNDS: _("Not enough money; the answer tells the balance."),
        Status.BUSY: _("The wallet is busy; nothing moved. Please send the message again."),
        Status.BAD_PARAMETER: _(
            "A member is missing or wrong, the timestamp is outside the window, or the seqNo stands"
            " for something else."
        ),
        Status.BAD_SIGNATURE: _("No current key of the channel signed this message."),
        Status.IP_REFUSED: _("The caller's address is not among the channel's networks."),
        Status.NOT_AVAILABLE: _(
            "The event does not fit the URL, is switched off, or the type is unknown."
        ),
        Status.BAD_DATA_TYPE: _("No JSON object, or a member of another JSON type."),
        Status.USER_UNKNOWN: _("The channel has no such player."),
        Status.TOO_MANY_REQUESTS: _("Too many failed logins; only logins are throttled."),
    }
)

PURPOSES: Mapping[str, Promise | str] = MappingProxyType(
    {
        "registerOrLogin": _("A player wants to play: who is it, and in which session?"),
        "syncCredit": _("How much money has the player?"),
        "callback": _("Has this player signed in with us, and what is in the wallets?"),
        "increaseCredit": _("Move the player's money: a bet, a payout, a hold, a bonus …"),
        "queryIncreaseCreditRecord": _("What became of these movements?"),
        "refundSingleWallet": _("Give one player's failed bets back."),
        "autoBatchRefund": _("Give many players' failed bets back."),
        "netCheck": _("Are you there?"),
    }
)

_EVERY = (
    Status.CHANNEL_UNKNOWN,
    Status.SYSTEM_ERROR,
    Status.MAINTENANCE,
    Status.BUSY,
    Status.BAD_PARAMETER,
    Status.IP_REFUSED,
    Status.NOT_AVAILABLE,
    Status.BAD_DATA_TYPE,
)
_SIGNED = (*_EVERY, Status.BAD_SIGNATURE)

REFUSALS: Mapping[str, tuple[Status, ...]] = MappingProxyType(
    {
        "registerOrLogin": (
            *_SIGNED,
            Status.BAD_CREDENTIALS,
            Status.BAD_TOKEN,
            Status.USER_UNKNOWN,
            Status.TOO_MANY_REQUESTS,
        ),
        "syncCredit": (*_EVERY, Status.BAD_TOKEN, Status.USER_UNKNOWN),
        "callback": (*_SIGNED, Status.BAD_CREDENTIALS, Status.BAD_TOKEN, Status.USER_UNKNOWN),
        "increaseCredit": (
            *_SIGNED,
            Status.REFUND_MISMATCH,
            Status.RECORD_UNKNOWN,
            Status.ALREADY_REFUNDED,
            Status.BAD_TOKEN,
            Status.INSUFFICIENT_FUNDS,
            Status.USER_UNKNOWN,
        ),
        "queryIncreaseCreditRecord": (*_SIGNED, Status.USER_UNKNOWN),
        "refundSingleWallet": (*_SIGNED, Status.USER_UNKNOWN),
        "autoBatchRefund": _SIGNED,
        "netCheck": _EVERY,
    }
)
"""The statuses of a whole answer besides 200; items of refunds have their own."""
