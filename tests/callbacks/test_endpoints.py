"""The contract of every endpoint."""

from decimal import Decimal

from tests.callbacks.contract import AcceptedKeys, EndpointContract, SignedEndpointContract

MONEY = (int, Decimal)

LOGIN = {
    "accessToken": str,
    "subChannelId": int,
    "username": str,
    "sessionToken": str,
    "currency": str,
    "event": str,
    "seqNo": str,
}
NOTICE = {
    "channelId": int,
    "subChannelId": int,
    "userId": int,
    "username": str,
    "wallet": list,
    "money": MONEY,
    "timestamp": int,
    "apiVersion": str,
}
COMMON = {"event": str, "seqNo": str, "timestamp": int}


class TestLoginContract(SignedEndpointContract):
    payload = "login_token"
    shape = LOGIN


class TestPasswordLoginContract(SignedEndpointContract):
    payload = "login_password"
    shape = LOGIN


class TestSyncContract(EndpointContract):
    payload = "sync"
    shape = {**COMMON, "username": str, "money": MONEY}


class TestNoticeContract(SignedEndpointContract):
    payload = "notice"
    shape = NOTICE


class TestMovementContract(SignedEndpointContract):
    payload = "bet"
    shape = {**COMMON, "username": str, "money": MONEY, "moneyBefore": MONEY}


class TestQueryContract(SignedEndpointContract):
    payload = "query"
    shape = {**COMMON, "username": str, "creditRecord": list}


class TestRefundContract(SignedEndpointContract):
    payload = "refund"
    shape = {
        **COMMON,
        "username": str,
        "moneyBefore": MONEY,
        "moneyAfter": MONEY,
        "refundMoney": MONEY,
        "resultList": list,
    }


class TestBatchRefundContract(SignedEndpointContract):
    payload = "batch_refund"
    shape = {**COMMON, "refundResultList": list}


class TestLoginAccepted(AcceptedKeys):
    payload = "login_token"


class TestNoticeAccepted(AcceptedKeys):
    payload = "notice"


class TestMovementAccepted(AcceptedKeys):
    payload = "bet"


class TestQueryAccepted(AcceptedKeys):
    payload = "query"


class TestRefundAccepted(AcceptedKeys):
    payload = "refund"


class TestBatchRefundAccepted(AcceptedKeys):
    payload = "batch_refund"
