"""贝盈's API: POST JSON to {base}/v1/..., Basic auth with site id and secret key.

HTTP is 200 for every handled outcome and error bodies carry no Content-Type, so
only the body is read. A framework refusal (HTTP 400, ProblemDetails) never got as
far as the provider's own code: the request is at fault.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec

from providers import http, wire
from providers.amounts import amount_text, checked_amount
from providers.beiying.statuses import SUCCESS, classify
from providers.codes import error_for
from providers.errors import OutcomeUnknown, Passing, Refused

USER_NAME: Final = re.compile(r"[A-Za-z0-9_-]{2,12}", re.ASCII)
PASSWORD_LENGTHS: Final = range(5, 17)
BAD_REQUEST: Final = "HTTP 400"
GAMES: Final = ("AGLive", "AVIA", "Pinnacle", "IMSport", "IMOne", "BBIN", "XJ188", "KY")

_MOVES_MONEY: Final = frozenset({"funds/recharge", "funds/withdraw"})


class _Answer(msgspec.Struct, rename="pascal"):
    code: str
    message: Any = ""


class _Problem(msgspec.Struct):
    title: str
    status: int


class Registered(msgspec.Struct):
    """A new account: the provider's number for it and the stored (lower-case) name."""

    user_id: int | Annotated[str, msgspec.Meta(max_length=40)] = msgspec.field(name="UserID")
    user_name: str = msgspec.field(name="UserName")


class _LaunchLink(msgspec.Struct, rename="pascal"):
    url: str


class Balance(msgspec.Struct, rename="pascal"):
    """A player's money inside one game."""

    balance: Decimal
    user_name: str = ""


class Order(msgspec.Struct):
    """A transfer order; `money` is negative for a withdrawal when checked."""

    order_id: str = msgspec.field(name="OrderID")
    money: Decimal = msgspec.field(name="Money")
    balance: Decimal | None = msgspec.field(name="Balance", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One site's access. Every method raises the family of `providers.errors`."""

    base_url: str
    site_id: int
    secret_key: str = field(repr=False)
    log: list[http.Exchange] = field(default_factory=list)

    def register(self, *, user_name: str, password: str) -> Registered:
        """Create an account; the name is kept in lower case and unique per site."""
        if len(password) not in PASSWORD_LENGTHS:
            raise Refused("invalid_password", "a password has 5 to 16 characters")
        registered = self._call(
            "account/register", Registered, UserName=_checked_name(user_name), Password=password
        )
        if registered.user_name.lower() != user_name.lower():
            raise OutcomeUnknown(SUCCESS, "answered for another account")
        return registered

    def login(self, *, user_name: str, game: str) -> str:
        """A launch link. It works for five minutes and lets anyone in: never store it."""
        return self._call(
            "account/login",
            _LaunchLink,
            UserName=_checked_name(user_name),
            Game=_checked_game(game),
        ).url

    def balance(self, *, user_name: str, game: str) -> Decimal:
        """The player's money inside `game`."""
        answer = self._call(
            "funds/balance", Balance, UserName=_checked_name(user_name), Game=_checked_game(game)
        )
        if answer.user_name.lower() not in ("", user_name.lower()):
            raise OutcomeUnknown(SUCCESS, "answered for another account")
        return checked_amount(answer.balance, code="bad_balance")

    def recharge(self, *, user_name: str, game: str, order_id: str, money: Decimal) -> Order:
        """Move money into `game` under our order id."""
        return self._transfer("funds/recharge", user_name, game, order_id, money)

    def withdraw(self, *, user_name: str, game: str, order_id: str, money: Decimal) -> Order:
        """Take money out of `game` under our order id."""
        return self._transfer("funds/withdraw", user_name, game, order_id, money)

    def check(self, *, order_id: str) -> Order:
        """What became of an order: carried out, or an error named ORDER_…, or undecided."""
        return _of(order_id, self._call("funds/check", Order, OrderID=order_id))

    def _transfer(
        self, path: str, user_name: str, game: str, order_id: str, money: Decimal
    ) -> Order:
        order = self._call(
            path,
            Order,
            UserName=_checked_name(user_name),
            Game=_checked_game(game),
            OrderID=order_id,
            Money=Decimal(amount_text(money)),
        )
        return _of(order_id, order)

    def _call(self, path: str, shape: type[wire.T], **members: Any) -> wire.T:
        answer = http.post_json(
            url=wire.join(self.base_url, f"v1/{path}"),
            body=wire.encode(members),
            headers=wire.basic(str(self.site_id), self.secret_key),
            log=self.log,
        )
        if answer.status == 400:
            raise Refused(BAD_REQUEST, answer.mask(wire.decode(answer.body, _Problem).title))
        wire.check_http_status(answer)
        parsed = wire.decode(answer.body, _Answer)
        if parsed.code == SUCCESS:
            return wire.decode(answer.body, shape)
        error = error_for(
            classify(parsed.code),
            code=answer.mask(parsed.code),
            message=answer.mask(wire.text(parsed.message)),
        )
        if path in _MOVES_MONEY and isinstance(error, Passing):
            # The order may be recorded and even carried out: ask before sending again.
            error.in_doubt = True
        raise error


def _of(order_id: str, order: Order) -> Order:
    if order.order_id != order_id:
        raise OutcomeUnknown(SUCCESS, "answered for another order")
    return order


def _checked_name(user_name: str) -> str:
    if not USER_NAME.fullmatch(user_name):
        raise Refused("invalid_name", f"{user_name!r} is not 2-12 of letters, digits, _ and -")
    return user_name


def _checked_game(game: str) -> str:
    if game not in GAMES:
        raise Refused("invalid_game", f"{game!r} is not one of {', '.join(GAMES)}")
    return game
