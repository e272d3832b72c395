"""贝盈's API with a book of its own, checks in the order of the real server.

A framework refusal (malformed JSON, unknown Game) comes before authentication as
HTTP 400 with a ProblemDetails body; every other refusal is HTTP 200 without a
Content-Type header.
"""

import base64
import json
import re
import secrets
import time
from decimal import Decimal
from typing import Any, Final

from providers.simulators.server import Reply, Request, Simulator, json_reply

GAMES: Final = {
    "AGLive": 1,
    "AVIA": 2,
    "Pinnacle": 3,
    "IMSport": 4,
    "IMOne": 5,
    "BBIN": 6,
    "XJ188": 7,
    "KY": 8,
}
LINK_SECONDS: Final = 300
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{2,12}", re.ASCII)


class _Refusal(Exception):
    """Answered with this Code."""


class Beiying(Simulator):
    """Rules: `keys` {site id: secret} (absent: any), `allowed_ips`, `stopped`, `credit`."""

    name = "beiying"
    default_port = 8092

    def answer(self, request: Request) -> Reply:
        if request.path == "/login":
            return self._page(request)
        handler = {
            "/v1/account/register": self._register,
            "/v1/account/login": self._login,
            "/v1/funds/balance": self._balance,
            "/v1/funds/recharge": self._recharge,
            "/v1/funds/withdraw": self._withdraw,
            "/v1/funds/check": self._check,
        }.get(request.path)
        if handler is None:
            return Reply(b"", 404, None)
        members = _bind(request.body)
        if members is None:
            return json_reply(
                {"title": "One or more validation errors occurred.", "status": 400},
                status=400,
                content_type="application/problem+json; charset=utf-8",
            )
        try:
            site = self._site(request)
            data = handler(site, members)
        except _Refusal as refusal:
            return self.refusal(str(refusal))
        if "Url" in data:
            data["Url"] = f"http://{request.headers.get('host', '')}{data['Url']}"
        return json_reply({"Code": "Success", **data})

    def refusal(self, code: str) -> Reply:
        body = {"Code": code, "Message": f"simulated {code}"}
        if code == "Exception":
            body["RequestID"] = secrets.token_hex(16)
        return json_reply(body, content_type=None)

    def _site(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        try:
            site, _, secret = base64.b64decode(token, validate=True).decode().partition(":")
        except ValueError:
            site = secret = ""
        if scheme.lower() != "basic" or not site.isdigit() or not int(site) or not secret:
            raise _Refusal("Authorization")
        keys = self.rules.get("keys")
        if keys is not None and keys.get(site) != secret:
            raise _Refusal("Authorization")
        address = request.headers.get("x-forwarded-for", request.address)
        if self.rules.get("allowed_ips") and address not in self.rules["allowed_ips"]:
            raise _Refusal("IP")
        if self.rules.get("stopped"):
            raise _Refusal("STATUS")
        return site

    def _register(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        name, password = members.get("username"), members.get("password")
        if not isinstance(password, str):
            raise _Refusal("Exception")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _Refusal("BADNAME")
        if not 5 <= len(password) <= 16:
            raise _Refusal("BADPASSWORD")
        key = f"{site}/{name.lower()}"
        if self.book.get("account", key):
            raise _Refusal("EXISTSUSER")
        user_id = len(self.book.all().get("account", {})) + 1001
        account = {"UserID": user_id, "UserName": name.lower()}
        self.book.put("account", key, {**account, "Balances": {}})
        return account

    def _login(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        account = self._account(site, members)
        _game(members)
        session = secrets.token_hex(16)
        self.book.put("session", session, {"UserName": account["UserName"], "At": time.time()})
        return {"Url": f"/login?id={session}"}

    def _page(self, request: Request) -> Reply:
        session = self.book.get("session", request.query.removeprefix("id="))
        if session is None or time.time() - session["At"] > LINK_SECONDS:
            return Reply(b"", 404, None)
        page = f"<h1>{session['UserName']}</h1>".encode()
        return Reply(page, 200, "text/html; charset=utf-8")

    def _balance(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        account = self._account(site, members)
        balance = account["Balances"].get(_game(members), "0")
        return {"UserName": account["UserName"], "Balance": Decimal(balance)}

    def _recharge(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        return self._transfer(site, members, sign=1)

    def _withdraw(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        return self._transfer(site, members, sign=-1)

    def _transfer(self, site: str, members: dict[str, Any], *, sign: int) -> dict[str, Any]:
        account = self._account(site, members)
        order_id, money = members.get("orderid"), members.get("money")
        if not isinstance(order_id, str) or not order_id:
            raise _Refusal("BANORDER")
        if not isinstance(money, Decimal) or money <= 0:
            raise _Refusal("BADMONEY")
        if self.book.get("order", f"{site}/{order_id}"):
            raise _Refusal("EXISTSORDER")
        credit = self.rules.get("credit")
        if sign > 0 and credit is not None and money > Decimal(credit):
            raise _Refusal("NOCREDIT")
        after = Decimal(account["Balances"].get(_game(members), "0")) + sign * money
        order = {
            "OrderID": order_id,
            "UserName": account["UserName"],
            "Game": _game(members),
            "Money": str(sign * money),
            "Status": 2 if after < 0 else 1,
        }
        self.book.put("order", f"{site}/{order_id}", order)
        if after < 0:
            raise _Refusal("NOBALANCE")
        account["Balances"][_game(members)] = str(after)
        self.book.put("account", f"{site}/{account['UserName']}", account)
        return {"OrderID": order_id, "Money": money, "Balance": after}

    def _check(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        order = self.book.get("order", f"{site}/{members.get('orderid')}")
        if order is None:
            raise _Refusal("ORDER_NOTFOUND")
        match order["Status"]:
            case 1:
                return {
                    **{name: order[name] for name in ("OrderID", "UserName", "Game")},
                    "Money": Decimal(order["Money"]),
                }
            case 2:
                raise _Refusal("ORDER_FAILD")
        raise _Refusal("Exception")

    def _account(self, site: str, members: dict[str, Any]) -> dict[str, Any]:
        account = self.book.get("account", f"{site}/{str(members.get('username')).lower()}")
        if account is None:
            raise _Refusal("NOUSER")
        return account


def _bind(body: bytes) -> dict[str, Any] | None:
    """Members by lower-case name, as the real server's binding ignores case; None: HTTP 400."""
    try:
        parsed = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    members = {name.lower(): value for name, value in parsed.items()}
    if "game" in members:
        named = [name for name, number in GAMES.items() if members["game"] in (name, number)]
        if not named:
            return None
        members["game"] = named[0]
    return members


def _game(members: dict[str, Any]) -> str:
    if "game" not in members:
        raise _Refusal("MAINTENANCE")
    return str(members["game"])
