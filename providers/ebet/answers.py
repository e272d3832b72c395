"""Status codes that eBET answers to a channel, and what each makes us do."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext_lazy as _

from providers.codes import Code, Reaction

SUCCESS: Final = 200

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        row.code: row
        for row in (
            Code("-1", Reaction.ABSENT, _("no such recharge")),
            Code("0", Reaction.UNKNOWN, _("recharge in progress")),
            Code("200", Reaction.DONE, _("success")),
            Code("201", Reaction.EXISTS, _("recharge id repeated")),
            Code("202", Reaction.TARGET, _("channel unknown")),
            Code("203", Reaction.PERMANENT, _("recharge id empty")),
            Code("204", Reaction.PERMANENT, _("amount is zero")),
            Code("205", Reaction.PERMANENT, _("amount too small")),
            Code("206", Reaction.ABSENT, _("seqNo unknown")),
            Code("207", Reaction.PERMANENT, _("amount differs")),
            Code("208", Reaction.ABSENT, _("record unknown")),
            Code("209", Reaction.EXISTS, _("already refunded")),
            Code("401", Reaction.PERMANENT, _("bad username or password")),
            Code("410", Reaction.PERMANENT, _("bad token")),
            Code("500", Reaction.UNKNOWN, _("system error")),
            Code("505", Reaction.PASSING, _("channel in maintenance")),
            Code("1003", Reaction.PERMANENT, _("not enough money")),
            Code("4003", Reaction.PASSING, _("busy, try later")),
            Code("4025", Reaction.PERMANENT, _("bad parameter")),
            Code("4026", Reaction.TARGET, _("bad signature")),
            Code("4027", Reaction.TARGET, _("address refused")),
            Code("4028", Reaction.PERMANENT, _("demo players cannot recharge")),
            Code("4029", Reaction.TARGET, _("function not available")),
            Code("4030", Reaction.PERMANENT, _("bad data type")),
            Code("4037", Reaction.ABSENT, _("user unknown")),
            Code("4038", Reaction.PASSING, _("too many requests")),
            Code("4202", Reaction.PASSING, _("call quota used up")),
            Code("5001", Reaction.PERMANENT, _("recharge failed")),
            Code("5002", Reaction.PERMANENT, _("short of money or account frozen")),
            Code("5003", Reaction.TARGET, _("sub-channel unknown")),
            Code("5005", Reaction.PERMANENT, _("wallet not opened")),
            Code("5006", Reaction.PERMANENT, _("cannot withdraw while in a game")),
            Code("5009", Reaction.PERMANENT, _("game not opened")),
            Code("5010", Reaction.PERMANENT, _("currency is not the channel's")),
            Code("5011", Reaction.PERMANENT, _("account frozen")),
        )
    }
)


def classify(status: int) -> Reaction:
    """What `status` makes us do; an unlisted one is a person's to judge."""
    row = CODES.get(str(status))
    return row.reaction if row else Reaction.CONFLICT
