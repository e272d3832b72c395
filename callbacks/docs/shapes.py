"""JSON Schema of every message and every answer."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
MONEY: Schema = {"type": "number", "description": "at most two decimals"}
TIME: Schema = {"type": "integer", "description": "Unix time in milliseconds; seconds are known"}
SEQ_NO: Schema = {"type": "string", "minLength": 1, "maxLength": 128}
USERNAME: Schema = {"type": "string", "minLength": 1, "maxLength": 64}
SIGNATURE: Schema = {"type": "string", "description": "RSASSA-PKCS1-v1_5 with MD5, base64"}
NULLABLE_TEXT: Schema = {"type": ["string", "null"]}
NULLABLE_INTEGER: Schema = {"type": ["integer", "null"]}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
    }


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _event(name: str) -> Schema:
    return {"type": "string", "const": name}


_CHANNEL: Mapping[str, Schema] = {"channelId": INTEGER, "timestamp": TIME}
_SIGNED: Mapping[str, Schema] = {**_CHANNEL, "signature": SIGNATURE}
_ECHO: Mapping[str, Schema] = {"status": INTEGER, "event": TEXT, "seqNo": TEXT}

MESSAGES: Mapping[str, Schema] = {
    "registerOrLogin": _object(
        {
            **_SIGNED,
            "event": _event("registerOrLogin"),
            "seqNo": SEQ_NO,
            "username": USERNAME,
            "eventType": {"type": "integer", "enum": [1, 3, 4]},
        },
        {
            "password": NULLABLE_TEXT,
            "accessToken": NULLABLE_TEXT,
            "sessionToken": NULLABLE_TEXT,
            "currency": NULLABLE_TEXT,
            "ip": NULLABLE_TEXT,
            "platform": NULLABLE_INTEGER,
        },
    ),
    "syncCredit": _object(
        {
            **_CHANNEL,
            "event": _event("syncCredit"),
            "seqNo": SEQ_NO,
            "username": USERNAME,
            "sessionToken": NULLABLE_TEXT,
        },
        {"tableType": NULLABLE_INTEGER, "currency": NULLABLE_TEXT, "password": NULLABLE_TEXT},
    ),
    "callback": _object(
        {**_SIGNED, "username": USERNAME, "accessToken": NULLABLE_TEXT},
        {"subChannelId": INTEGER},
    ),
    "increaseCredit": _object(
        {
            **_SIGNED,
            "event": _event("increaseCredit"),
            "seqNo": SEQ_NO,
            "username": USERNAME,
            "money": MONEY,
            "type": INTEGER,
            "currency": {"type": "string", "minLength": 1, "maxLength": 8},
        },
        {
            "sessionToken": NULLABLE_TEXT,
            "platform": NULLABLE_INTEGER,
            "detail": {"type": ["object", "null"], "description": "differs from game to game"},
        },
    ),
    "queryIncreaseCreditRecord": _object(
        {
            **_SIGNED,
            "event": _event("queryIncreaseCreditRecord"),
            "seqNo": SEQ_NO,
            "username": USERNAME,
        },
        {"querySeqNo": NULLABLE_TEXT, "roundCode": NULLABLE_TEXT, "sessionToken": NULLABLE_TEXT},
    ),
    "refundSingleWallet": _object(
        {
            **_SIGNED,
            "event": _event("refundSingleWallet"),
            "seqNo": SEQ_NO,
            "username": USERNAME,
            "refundList": _list(
                _object(
                    {"refundSeqNo": SEQ_NO, "username": USERNAME, "refundMoney": MONEY},
                    {"roundCode": NULLABLE_TEXT},
                )
            ),
        },
        {"currency": NULLABLE_TEXT, "roundCode": NULLABLE_TEXT, "sessionToken": NULLABLE_TEXT},
    ),
    "autoBatchRefund": _object(
        {
            **_SIGNED,
            "event": _event("autoBatchRefund"),
            "seqNo": SEQ_NO,
            "batchRefundList": _list(
                _object(
                    {"seqNo": SEQ_NO, "username": USERNAME, "refundMoney": MONEY},
                    {"roundCode": NULLABLE_TEXT, "detail": {}},
                )
            ),
        },
        {
            "currency": NULLABLE_TEXT,
            "refundThreshold": {"type": ["number", "null"]},
            "lastStartProcessTime": {},
            "sessionToken": NULLABLE_TEXT,
        },
    ),
    "netCheck": _object({"event": _event("netCheck")}),
}
"""What eBET sends. Members that are not named here are ignored."""

ANSWERS: Mapping[str, Schema] = {
    "registerOrLogin": _object(
        {
            **_ECHO,
            "accessToken": TEXT,
            "subChannelId": INTEGER,
            "username": TEXT,
            "sessionToken": TEXT,
            "currency": TEXT,
        },
        {"nickname": TEXT},
    ),
    "syncCredit": _object(
        {**_ECHO, "username": TEXT, "money": MONEY},
        {"currency": TEXT, "timestamp": INTEGER, "userName": TEXT},
    ),
    "callback": _object(
        {
            "channelId": INTEGER,
            "subChannelId": INTEGER,
            "userId": INTEGER,
            "username": TEXT,
            "wallet": _list(_object({"typeId": INTEGER, "money": MONEY})),
            "money": MONEY,
            "timestamp": {"type": "integer", "description": "Unix time in seconds"},
            "status": INTEGER,
            "apiVersion": TEXT,
        }
    ),
    "increaseCredit": _object(
        {**_ECHO, "username": TEXT, "money": MONEY, "moneyBefore": MONEY}, {"timestamp": INTEGER}
    ),
    "queryIncreaseCreditRecord": _object(
        {
            **_ECHO,
            "timestamp": INTEGER,
            "username": TEXT,
            "creditRecord": _list(
                _object(
                    {
                        "querySeqNo": TEXT,
                        "type": INTEGER,
                        "username": TEXT,
                        "roundCode": TEXT,
                        "status": INTEGER,
                        "creditTime": INTEGER,
                        "moneyBefore": MONEY,
                        "moneyAfter": MONEY,
                        "money": MONEY,
                    }
                )
            ),
        }
    ),
    "refundSingleWallet": _object(
        {
            **_ECHO,
            "timestamp": INTEGER,
            "username": TEXT,
            "moneyBefore": MONEY,
            "moneyAfter": MONEY,
            "refundMoney": MONEY,
            "resultList": _list(_object({"refundSeqNo": TEXT, "status": INTEGER})),
        }
    ),
    "autoBatchRefund": _object(
        {
            **_ECHO,
            "timestamp": INTEGER,
            "refundResultList": _list(
                _object(
                    {
                        "username": TEXT,
                        "roundCode": TEXT,
                        "refundTotalMoney": MONEY,
                        "sucRefundSeqNoList": _list(
                            _object({"seqNo": TEXT, "refundSeqNo": TEXT, "status": INTEGER})
                        ),
                    }
                )
            ),
        }
    ),
    "netCheck": _object({"status": INTEGER}),
}
"""What we answer, refusals included: they keep the shape."""
