"""Status codes that a channel answers to eBET.

eBET's game client has codes of its own between 1001 and 4071 that reuse some of
these numbers with other meanings; they never appear in server messages.
"""

from enum import IntEnum


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
