"""Status codes of the eBET protocol, both directions.

eBET's game client has codes of its own between 1001 and 4071 that reuse some of
these numbers with other meanings; they never appear in server messages.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Status(IntEnum):
    """What a channel may answer to eBET."""

    OK = 200
    REPEATED = 201
    CHANNEL_UNKNOWN = 202
    SEQ_UNKNOWN = 206
    REFUND_MISMATCH = 207
    RECORD_UNKNOWN = 208
    ALREADY_REFUNDED = 209
    BAD_CREDENTIALS = 401
    BAD_TOKEN = 410
    SYSTEM_ERROR = 500
    MAINTENANCE = 505
    INSUFFICIENT_FUNDS = 1003
    BUSY = 4003
    BAD_PARAMETER = 4025
    BAD_SIGNATURE = 4026
    IP_REFUSED = 4027
    NOT_AVAILABLE = 4029
    BAD_DATA_TYPE = 4030
    USER_UNKNOWN = 4037
    TOO_MANY_REQUESTS = 4038
    SUB_CHANNEL_UNKNOWN = 5003


EBET_ANSWERS: Mapping[int, str] = MappingProxyType(
    {
        -1: "no such recharge",
        0: "recharge in progress",
        200: "success",
        201: "recharge id repeated",
        202: "channel unknown",
        203: "recharge id empty",
        204: "amount is zero",
        205: "amount too small",
        206: "seqNo unknown",
        207: "amount differs",
        208: "record unknown",
        209: "already refunded",
        401: "bad username or password; for syncuser: already registered",
        410: "bad token",
        500: "system error",
        505: "channel in maintenance",
        1003: "not enough money",
        4003: "busy, try later",
        4025: "bad parameter",
        4026: "bad signature",
        4027: "address refused",
        4028: "demo players cannot recharge",
        4029: "function not available",
        4030: "bad data type",
        4037: "user unknown",
        4038: "too many requests",
        4202: "call quota used up",
        5001: "recharge failed",
        5002: "withdrawal failed: short of money or account frozen",
        5003: "sub-channel unknown",
        5005: "wallet not opened",
        5006: "cannot withdraw while in a game",
        5009: "game not opened",
        5010: "currency is not the channel's",
        5011: "account frozen",
    }
)
"""What eBET may answer to a channel, in words for the operator."""
