"""What eBET sends, one typed shape per event.

Only what decides something is read here. Members that nobody needs are neither stored nor judged:
eBET adds some from time to time.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from callbacks.detail import Detail
from callbacks.members import ANY_LENGTH, SEQ_NO_LENGTH, Members, bad_parameter

PASSWORD_LOGINS = (1, 3)
TOKEN_LOGIN = 4
MAX_LIST = 5000


@dataclass(frozen=True, kw_only=True)
class Message:
    """What every signed or session-bound message carries. `timestamp` is Unix milliseconds."""

    channel_id: int
    timestamp: int

    @classmethod
    def read(cls, members: Members) -> Self:
        """Raises Refusal (4025, 4030) for the first member that is missing or wrong."""
        return cls(**cls._fields(members))

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            "channel_id": members.integer("channelId"),
            "timestamp": members.timestamp("timestamp"),
        }


@dataclass(frozen=True, kw_only=True)
class SignedMessage(Message):
    signature: str

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "signature": members.nullable_text("signature", limit=ANY_LENGTH),
        }


@dataclass(frozen=True, kw_only=True)
class Login(SignedMessage):
    """registerOrLogin: `event_type` 1 (page) and 3 (app link) bring a password, 4 a token."""

    seq_no: str
    username: str
    password: str
    access_token: str
    currency: str
    event_type: int
    platform: int | None
    address: str

    @property
    def by_token(self) -> bool:
        return self.event_type == TOKEN_LOGIN

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        event_type = members.integer("eventType")
        if event_type not in (*PASSWORD_LOGINS, TOKEN_LOGIN):
            raise bad_parameter("eventType")
        by_token = event_type == TOKEN_LOGIN
        # The credential of the other kind of login may be left out.
        password = members.optional_text if by_token else members.nullable_text
        access_token = members.nullable_text if by_token else members.optional_text
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "username": members.username(),
            "password": password("password", limit=ANY_LENGTH),
            "access_token": access_token("accessToken", limit=ANY_LENGTH),
            "currency": members.optional_text("currency", limit=8),
            "event_type": event_type,
            "platform": members.any_integer("platform"),
            "address": members.optional_text("ip", limit=ANY_LENGTH),
        }


@dataclass(frozen=True, kw_only=True)
class Sync(Message):
    """syncCredit asks for the balance. It is unsigned, so the session must be one of ours."""

    seq_no: str
    username: str
    session_token: str
    table_type: int | None
    currency: str

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "username": members.username(),
            "session_token": members.nullable_text("sessionToken", limit=ANY_LENGTH),
            "table_type": members.optional_integer("tableType"),
            "currency": members.optional_text("currency", limit=8),
        }


@dataclass(frozen=True, kw_only=True)
class LoginNotice(SignedMessage):
    """callback asks whether the player signed in with us, and what is in the wallets."""

    username: str
    access_token: str

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "username": members.username(),
            "access_token": members.nullable_text("accessToken", limit=ANY_LENGTH),
        }


@dataclass(frozen=True, kw_only=True)
class Movement(SignedMessage):
    """increaseCredit: one movement of `money`, negative when the player pays."""

    seq_no: str
    username: str
    money: Decimal
    type: int
    currency: str
    session_token: str
    detail: Detail

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "username": members.username(),
            "money": members.money("money"),
            "type": members.integer("type"),
            "currency": members.text("currency", limit=8),
            "session_token": members.optional_text("sessionToken", limit=ANY_LENGTH),
            "detail": Detail.read(members),
        }


@dataclass(frozen=True, kw_only=True)
class Query(SignedMessage):
    """queryIncreaseCreditRecord asks what became of movements, or of a whole round."""

    seq_no: str
    username: str
    wanted: tuple[str, ...]
    round_code: str

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        listed = members.optional_text("querySeqNo", limit=MAX_LIST * (SEQ_NO_LENGTH + 1))
        wanted = tuple(dict.fromkeys(name.strip() for name in listed.split(",") if name.strip()))
        if len(wanted) > MAX_LIST:
            raise bad_parameter("querySeqNo")
        round_code = members.optional_text("roundCode", limit=SEQ_NO_LENGTH)
        if not wanted and not round_code:
            raise bad_parameter("querySeqNo")
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "username": members.username(),
            "wanted": wanted,
            "round_code": round_code,
        }


@dataclass(frozen=True, kw_only=True)
class RefundItem:
    """A bet to give back. `money` is positive: what the player is to receive."""

    seq_no: str
    username: str
    round_code: str
    money: Decimal


@dataclass(frozen=True, kw_only=True)
class RefundMessage(SignedMessage):
    """What both refund messages carry."""

    seq_no: str
    currency: str
    items: tuple[RefundItem, ...]


@dataclass(frozen=True, kw_only=True)
class Refund(RefundMessage):
    """refundSingleWallet: give one player's failed bets back."""

    username: str

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "username": members.username(),
            "currency": members.optional_text("currency", limit=8),
            "items": _refund_items(members, "refundList", "refundSeqNo"),
        }


@dataclass(frozen=True, kw_only=True)
class BatchRefund(RefundMessage):
    """autoBatchRefund: give many players' failed bets back, none of them above `threshold`."""

    threshold: Decimal | None

    @classmethod
    def _fields(cls, members: Members) -> dict[str, Any]:
        return {
            **super()._fields(members),
            "seq_no": members.text("seqNo", limit=SEQ_NO_LENGTH),
            "currency": members.optional_text("currency", limit=8),
            "threshold": members.optional_money("refundThreshold"),
            "items": _refund_items(members, "batchRefundList", "seqNo"),
        }


def _refund_items(members: Members, list_name: str, seq_no_name: str) -> tuple[RefundItem, ...]:
    """The bets to refund. One call writes the money negative, the other positive."""
    items = members.objects(list_name)
    if len(items) > MAX_LIST:
        raise bad_parameter(list_name)
    return tuple(
        RefundItem(
            seq_no=item.text(seq_no_name, limit=SEQ_NO_LENGTH),
            username=item.username(),
            round_code=item.optional_text("roundCode", limit=SEQ_NO_LENGTH),
            money=abs(item.money("refundMoney")),
        )
        for item in items
    )
