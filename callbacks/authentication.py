"""Which text a message signs, and which of the channel's keys signed it.

Every event has its formula: the members whose tokens, written one after the other, are signed.
The signature is RSA over MD5, often with a small key, and leaves out much of the message (type,
detail, currency, refund lists). It is therefore never the only defence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from callbacks.parsing import Number
from providers.ebet.signing import WEAK_BELOW_BITS, verify_any

PASSWORD_LOGIN = "seqNo+event+channelId+timestamp+username+password"
TOKEN_LOGIN = "seqNo+event+channelId+timestamp+username+accessToken"
LOGIN_NOTICE = "username+channelId+accessToken+timestamp"
MOVEMENT = "seqNo+event+channelId+timestamp+username+money"
USERNAME_AND_TIME = "username+timestamp"

SIGNED_TEXTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "registerOrLogin": (PASSWORD_LOGIN, TOKEN_LOGIN),
        "syncCredit": (),
        "callback": (LOGIN_NOTICE,),
        "increaseCredit": (MOVEMENT,),
        "queryIncreaseCreditRecord": (USERNAME_AND_TIME,),
        "refundSingleWallet": (USERNAME_AND_TIME,),
        "autoBatchRefund": ("timestamp", "channelId+timestamp"),
        "netCheck": (),
    }
)
"""The formulas of every event; which one counts is told by the eventType or by the channel."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that may sign: the active one, or the next while both are in use."""

    id: int
    public_pem: str
    bits: int

    @property
    def is_weak(self) -> bool:
        return self.bits < WEAK_BELOW_BITS


def signed_texts(document: Mapping[str, Any], formula: str) -> Iterator[str]:
    """The texts that a message may have signed, likeliest first.

    Numbers stand as their tokens were sent. Only a timestamp sent as ``1637308132650.0`` may also
    have been signed without its fraction: eBET's older software did so.
    """
    names = formula.split("+")
    yield "".join(_spelling(document.get(name)) for name in names)
    timestamp = document.get("timestamp")
    if isinstance(timestamp, Number) and timestamp.integral not in (None, timestamp.token):
        whole = {**document, "timestamp": timestamp.integral}
        yield "".join(_spelling(whole.get(name)) for name in names)


def _spelling(value: Any) -> str:
    """What a member contributes; one that is absent or null contributes nothing."""
    if isinstance(value, Number):
        return value.token
    return value if isinstance(value, str) else ""


def signing_key(
    *,
    document: Mapping[str, Any],
    formulas: Sequence[str],
    keys: Sequence[Key],
    allow_weak: bool,
    signature: str,
) -> Key | None:
    """The key that signed the message by one of the formulas, or None. Retired keys never do."""
    usable = {key.public_pem: key for key in keys if allow_weak or not key.is_weak}
    texts = (text for formula in formulas for text in signed_texts(document, formula))
    matched = verify_any(usable, texts, signature)
    return usable[matched] if matched else None
