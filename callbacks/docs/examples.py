"""One message of each kind, with its answer. Signatures are shortened; they prove nothing here."""

from collections.abc import Mapping
from typing import Any

from providers.ebet.statuses import Status

Document = dict[str, Any]

_SIGNATURE = "kTq…"
_TIME = 1760000001040
_PLAYER: Document = {"channelId": 7, "username": "lily08", "timestamp": _TIME}
_SESSION: Document = {**_PLAYER, "currency": "CNY", "sessionToken": "639794527dfc2d1cf3ea"}
_ROUND = "BP1-251009101010"


def _login(event_type: int, seq_no: str, *, password: str = "", token: str = "") -> Document:
    return {
        **_PLAYER,
        "password": password,
        "currency": "CNY",
        "ip": "203.0.113.50",
        "eventType": event_type,
        "accessToken": token,
        "platform": 3,
        "event": "registerOrLogin",
        "sessionToken": "",
        "seqNo": seq_no,
        "signature": _SIGNATURE,
    }


def _movement(code: int, money: float, seq_no: str, **detail: Any) -> Document:
    return {
        **_SESSION,
        "money": money,
        "type": code,
        "platform": 3,
        "seqNo": seq_no,
        "detail": {"tableCode": "BP1", "tableType": 1, "roundCode": _ROUND, **detail},
        "event": "increaseCredit",
        "signature": _SIGNATURE,
    }


REQUESTS: Mapping[str, Mapping[str, Document]] = {
    "registerOrLogin": {
        "by password": _login(1, "login-1", password="secret"),
        "by app link": _login(3, "login-2", password="secret"),
        "by token": _login(4, "login-3", token="cb5ec14db7755109"),
    },
    "syncCredit": {
        "balance": {**_SESSION, "tableType": -1, "event": "syncCredit", "seqNo": "sync-1"}
    },
    "callback": {
        "login notice": {
            "username": "lily08",
            "channelId": 7,
            "timestamp": 1760000001,
            "accessToken": "cb5ec14db7755109",
            "signature": _SIGNATURE,
        }
    },
    "increaseCredit": {
        "bet": _movement(1, -80, "bet-1", betList=[{"betType": 60, "betMoney": 80}]),
        "payout": _movement(2, 44.9, "payout-1", betList=[{"betType": 60, "seqNo": "bet-1"}]),
        "hold": _movement(27, -1200, "hold-1"),
        "return of a hold": _movement(28, 1200, "back-1", withHoldingList=[{"seqNo": "hold-1"}]),
    },
    "queryIncreaseCreditRecord": {
        "two movements": {
            **_PLAYER,
            "querySeqNo": "bet-1,payout-1",
            "roundCode": _ROUND,
            "event": "queryIncreaseCreditRecord",
            "sessionToken": "",
            "seqNo": "query-1",
            "signature": _SIGNATURE,
        }
    },
    "refundSingleWallet": {
        "one bet": {
            **_SESSION,
            "refundList": [
                {
                    "refundSeqNo": "bet-2",
                    "username": "lily08",
                    "roundCode": _ROUND,
                    "refundMoney": -80,
                }
            ],
            "roundCode": _ROUND,
            "seqNo": "refund-1",
            "event": "refundSingleWallet",
            "signature": _SIGNATURE,
        }
    },
    "autoBatchRefund": {
        "bets of many players": {
            "channelId": 7,
            "timestamp": _TIME,
            "lastStartProcessTime": 1759999701040,
            "refundThreshold": 10000,
            "sessionToken": "",
            "seqNo": "batch-1",
            "batchRefundList": [
                {
                    "seqNo": "bet-3",
                    "username": "lily08",
                    "roundCode": _ROUND,
                    "refundMoney": 80,
                    "detail": [{"betId": "bet-3-60", "betType": 60, "money": 80}],
                }
            ],
            "currency": "CNY",
            "event": "autoBatchRefund",
            "signature": _SIGNATURE,
        }
    },
    "netCheck": {"are you there": {"event": "netCheck"}},
}

_OK = {"status": int(Status.OK)}

ANSWERS: Mapping[str, Document] = {
    "registerOrLogin": {
        **_OK,
        "accessToken": "5a14aaaeb6f2c09b57cb",
        "subChannelId": 0,
        "username": "lily08",
        "sessionToken": "639794527dfc2d1cf3ea",
        "currency": "CNY",
        "event": "registerOrLogin",
        "seqNo": "login-1",
    },
    "syncCredit": {
        **_OK,
        "username": "lily08",
        "money": 1000.01,
        "currency": "CNY",
        "event": "syncCredit",
        "seqNo": "sync-1",
        "timestamp": _TIME,
    },
    "callback": {
        **_OK,
        "channelId": 7,
        "subChannelId": 0,
        "userId": 5001,
        "username": "lily08",
        "wallet": [{"typeId": n, "money": 0 if n else 1000.01} for n in range(7)],
        "money": 1000.01,
        "timestamp": 1760000001,
        "apiVersion": "1.0.0",
    },
    "increaseCredit": {
        **_OK,
        "username": "lily08",
        "money": 920.01,
        "moneyBefore": 1000.01,
        "event": "increaseCredit",
        "seqNo": "bet-1",
        "timestamp": _TIME,
    },
    "queryIncreaseCreditRecord": {
        **_OK,
        "seqNo": "query-1",
        "event": "queryIncreaseCreditRecord",
        "timestamp": _TIME,
        "username": "lily08",
        "creditRecord": [
            {
                "querySeqNo": "bet-1",
                "type": 1,
                "username": "lily08",
                "roundCode": _ROUND,
                "status": 200,
                "creditTime": _TIME,
                "moneyBefore": 1000.01,
                "moneyAfter": 920.01,
                "money": -80,
            }
        ],
    },
    "refundSingleWallet": {
        **_OK,
        "seqNo": "refund-1",
        "event": "refundSingleWallet",
        "timestamp": _TIME,
        "username": "lily08",
        "moneyBefore": 920.01,
        "moneyAfter": 1000.01,
        "refundMoney": 80,
        "resultList": [{"refundSeqNo": "bet-2", "status": 200}],
    },
    "autoBatchRefund": {
        **_OK,
        "seqNo": "batch-1",
        "event": "autoBatchRefund",
        "timestamp": _TIME,
        "refundResultList": [
            {
                "username": "lily08",
                "roundCode": _ROUND,
                "refundTotalMoney": 80,
                "sucRefundSeqNoList": [{"seqNo": "bet-3", "refundSeqNo": "bet-3", "status": 200}],
            }
        ],
    },
    "netCheck": _OK,
}

_TELLS_BALANCE = (
    Status.INSUFFICIENT_FUNDS,
    Status.REFUND_MISMATCH,
    Status.RECORD_UNKNOWN,
    Status.ALREADY_REFUNDED,
)


def refusal(event: str, status: Status) -> Document:
    """The event's answer with a status that refuses: empty but complete."""
    if event == "netCheck":
        return {"status": int(status)}
    empty: Document = {
        name: value if name in ("event", "seqNo", "username", "apiVersion") else _emptied(value)
        for name, value in ANSWERS[event].items()
    }
    if status in _TELLS_BALANCE:
        empty |= {"money": 1000.01, "moneyBefore": 1000.01}
    return {**empty, "timestamp": _TIME, "status": int(status)}


def _emptied(value: Any) -> Any:
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) else 0
