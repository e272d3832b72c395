"""HRG's agent API with a book of its own.

Only "0000" and "9999" are the vendor's published codes; the others below are
invented, as the vendor's list is not public. Names are unique per credential.
"""

import base64
import json
import re
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from providers.simulators.server import Reply, Request, Simulator, json_reply

_NAME: Final = re.compile(r"[a-z0-9]{1,50}", re.ASCII)
_AMOUNT: Final = re.compile(r"[0-9]{1,15}(\.[0-9]{1,4})?", re.ASCII)
_MEANINGS: Final = {
    "9999": "failure",
    "7001": "user exists",
    "7002": "bad user id",
    "7003": "bad amount",
    "7004": "no such user",
    "7005": "not enough money",
    "7006": "transaction code used",
    "7007": "no such transaction",
    "7008": "bad request",
}


class _Refusal(Exception):
    """Answered with this code."""


class Hrg(Simulator):
    """Rules: `keys` {id: secret} (absent: any), `allowed_ips` (absent: any)."""

    name = "hrg"
    default_port = 8091

    def answer(self, request: Request) -> Reply:
        if self.rules.get("allowed_ips") and request.address not in self.rules["allowed_ips"]:
            return Reply(b"", 403, None)
        owner = self._owner(request)
        if owner is None:
            return Reply(b"", 401, None)
        verb = request.path.removeprefix("/api/")
        handler = {
            "create_user": self._create_user,
            "get_balance": self._get_balance,
            "deposit": self._transfer,
            "withdraw": self._transfer,
            "check_transfer_operation": self._check,
            "get_transfer_operation_log": self._log,
        }.get(verb)
        if handler is None:
            return Reply(b"", 404, None)
        try:
            data = handler(owner, verb, _parsed(request.body))
        except _Refusal as refusal:
            return self.refusal(str(refusal))
        return json_reply({"code": "0000", "data": data})

    def refusal(self, code: str) -> Reply:
        return json_reply({"code": code, "message": _MEANINGS.get(code, "")})

    def _owner(self, request: Request) -> str | None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            identity, colon, secret = base64.b64decode(token, validate=True).decode().partition(":")
        except ValueError:
            return None
        if scheme.lower() != "basic" or not identity or not colon:
            return None
        keys = self.rules.get("keys")
        return identity if keys is None or keys.get(identity) == secret else None

    def _create_user(self, owner: str, verb: str, members: dict[str, Any]) -> dict[str, Any]:
        user_id = members.get("userId")
        if not isinstance(user_id, str) or not _NAME.fullmatch(user_id):
            raise _Refusal("7002")
        if self.book.get("account", f"{owner}/{user_id}"):
            raise _Refusal("7001")
        account = {
            "agentId": members["agentId"],
            "userId": user_id,
            "balance": _text(_amount(members, "balance")),
            "freeCredit": _text(_amount(members, "freeCredit")),
        }
        self.book.put("account", f"{owner}/{user_id}", account)
        return account

    def _get_balance(self, owner: str, verb: str, members: dict[str, Any]) -> dict[str, Any]:
        names = members.get("userIds") or []
        if members.get("allUser") is not False or len(names) > 100:
            raise _Refusal("7008")
        found = [self.book.get("account", f"{owner}/{name}") for name in names]
        return {
            "list": [
                {**account, "currency": "CNY"}
                for account in found
                if account and account["agentId"] == members["agentId"]
            ]
        }

    def _transfer(self, owner: str, verb: str, members: dict[str, Any]) -> dict[str, Any]:
        account = self.book.get("account", f"{owner}/{members.get('userId')}")
        if not account or account["agentId"] != members["agentId"]:
            raise _Refusal("7004")
        code = members.get("transactionCode")
        if not isinstance(code, str) or not 0 < len(code) <= 30:
            raise _Refusal("7008")
        if self.book.get("order", f"{owner}/{code}"):
            raise _Refusal("7006")
        amount = _amount(members, "amount")
        if amount <= 0:
            raise _Refusal("7003")
        before = Decimal(account["balance"])
        after = before + amount if verb == "deposit" else before - amount
        if after < 0:
            raise _Refusal("7005")
        self.book.put(
            "account", f"{owner}/{account['userId']}", {**account, "balance": _text(after)}
        )
        order = {
            "agentId": account["agentId"],
            "userId": account["userId"],
            "currency": "CNY",
            "amount": _text(after - before),
            "preBalance": _text(before),
            "currentBalance": _text(after),
            "transactionCode": code,
            "operationTime": _now(),
        }
        self.book.put("order", f"{owner}/{code}", order)
        return {**order, f"{verb}Amount": _text(amount)}

    def _check(self, owner: str, verb: str, members: dict[str, Any]) -> dict[str, Any]:
        order = self.book.get("order", f"{owner}/{members.get('transactionCode')}")
        if not order or order["agentId"] != members["agentId"]:
            raise _Refusal("7007")
        return order

    def _log(self, owner: str, verb: str, members: dict[str, Any]) -> list[dict[str, Any]]:
        """Times are all in one zone and of one length, so that they compare as text."""
        start, end = members.get("startTime"), members.get("endTime")
        if not (isinstance(start, str) and isinstance(end, str)):
            raise _Refusal("7008")
        return [
            order
            for key, order in self.book.all().get("order", {}).items()
            if key.startswith(f"{owner}/")
            and order["agentId"] == members["agentId"]
            and start <= order["operationTime"] < end
        ]


def _now() -> str:
    now = datetime.now(timezone(timedelta(hours=8)))
    return f"{now:%Y-%m-%dT%H:%M:%S.}{now.microsecond // 1000:03}+0800"


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        members = None
    if not isinstance(members, dict) or not isinstance(members.get("agentId"), str):
        raise _Refusal("7008")
    return members


def _amount(members: dict[str, Any], name: str) -> Decimal:
    text = members.get(name, "0")
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise _Refusal("7003")
    return Decimal(text)


def _text(amount: Decimal) -> str:
    text = format(amount.normalize(), "f")
    return text if "." in text else f"{text}.0"
