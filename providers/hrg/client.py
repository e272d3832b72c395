"""HRG's agent API: POST JSON to {base}/api/<verb>, Basic auth.

Amounts travel as strings with at most four decimals. Success is code "0000" over
HTTP 2xx *and* the ids of the request in the answer; anything less is no success.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

import msgspec

from providers import http, wire
from providers.amounts import amount_text, parse_amount
from providers.codes import error_for
from providers.errors import OutcomeUnknown, Passing, Refused
from providers.hrg.statuses import SUCCESS, Classify, classify

USER_ID: Final = re.compile(r"[a-z0-9]{1,50}", re.ASCII)
TRANSACTION_CODE_LENGTH: Final = 30
_MOVES_MONEY: Final = frozenset({"deposit", "withdraw"})
_GMT_8: Final = timezone(timedelta(hours=8))


class _Answer(msgspec.Struct):
    """What every answer has; `data` stays raw until the code says that it counts."""

    code: str
    data: msgspec.Raw = msgspec.Raw(b"null")
    message: Any = ""


class Account(msgspec.Struct, rename="camel"):
    """An account as create_user and get_balance describe it; amounts are strings."""

    agent_id: str
    user_id: str
    balance: str = "0"
    free_credit: str = "0"
    currency: str = ""

    @property
    def money(self) -> Decimal:
        """The balance. Raises OutcomeUnknown when it is unreadable."""
        return parse_amount(self.balance, code="bad_balance")


class _Balances(msgspec.Struct):
    accounts: list[Account] = msgspec.field(name="list")


class Operation(msgspec.Struct, rename="camel"):
    """A transfer as deposit, withdraw and check_transfer_operation describe it."""

    currency: str = ""
    amount: str = ""
    deposit_amount: str = ""
    withdraw_amount: str = ""
    current_balance: str = ""
    transaction_code: str = ""
    agent_id: str = ""
    user_id: str = ""

    @property
    def moved(self) -> Decimal | None:
        """The unsigned amount, where the answer names one. Raises OutcomeUnknown."""
        text = self.deposit_amount or self.withdraw_amount or self.amount
        return abs(parse_amount(text, code="bad_amount")) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One agent's access. Every method raises the family of `providers.errors`."""

    base_url: str
    username: str
    password: str = field(repr=False)
    agent_id: str
    classify: Classify = classify
    log: list[http.Exchange] = field(default_factory=list)

    def create_user(
        self, *, user_id: str, balance: Decimal | None = None, free_credit: Decimal | None = None
    ) -> Account:
        """Create a player's account; amounts are left out unless given."""
        account = self._call(
            "create_user",
            Account,
            userId=_checked_user_id(user_id),
            balance=None if balance is None else amount_text(balance, zero_allowed=True),
            freeCredit=None if free_credit is None else amount_text(free_credit, zero_allowed=True),
        )
        if (account.agent_id, account.user_id) != (self.agent_id, user_id):
            raise OutcomeUnknown(SUCCESS, "answered for another account")
        return account

    def get_balance(self, *, user_id: str) -> Account | None:
        """The player's account, or None when this agent has no such player."""
        answer = self._call(
            "get_balance", _Balances, allUser=False, userIds=[_checked_user_id(user_id)]
        )
        for account in answer.accounts:
            if (account.agent_id, account.user_id) == (self.agent_id, user_id):
                return account
        return None

    def deposit(self, *, user_id: str, amount: Decimal, transaction_code: str) -> Operation:
        """Add money to the player's account; the code is never carried out twice."""
        return self._operation("deposit", transaction_code, user_id, amount=amount_text(amount))

    def withdraw(self, *, user_id: str, amount: Decimal, transaction_code: str) -> Operation:
        """Take exactly `amount` from the player's account."""
        return self._operation(
            "withdraw", transaction_code, user_id, allWithdraw=False, amount=amount_text(amount)
        )

    def check_transfer_operation(self, *, transaction_code: str) -> Operation:
        """What became of a deposit or a withdrawal that ended without an answer."""
        return self._operation("check_transfer_operation", transaction_code)

    def get_transfer_operation_log(self, *, start: datetime, end: datetime) -> list[Operation]:
        """Every transfer of the agent's players between two moments."""
        return self._call(
            "get_transfer_operation_log",
            list[Operation],
            startTime=_time_text(start),
            endTime=_time_text(end),
        )

    def _operation(
        self, verb: str, transaction_code: str, user_id: str | None = None, **members: Any
    ) -> Operation:
        """Every id that the answer names must be the one that was asked for."""
        operation = self._call(
            verb,
            Operation,
            userId=None if user_id is None else _checked_user_id(user_id),
            **members,
            transactionCode=_checked_code(transaction_code),
        )
        for answered, sent in (
            (operation.transaction_code, transaction_code),
            (operation.agent_id, self.agent_id),
            (operation.user_id, user_id or operation.user_id),
        ):
            if answered not in ("", sent):
                raise OutcomeUnknown(SUCCESS, "answered for another transfer")
        return operation

    def _call(self, verb: str, shape: type[wire.T], **members: Any) -> wire.T:
        body = wire.encode(wire.json_object(agentId=self.agent_id, **members))
        answer = http.post_json(
            url=wire.join(self.base_url, f"api/{verb}"),
            body=body,
            headers=wire.basic(self.username, self.password),
            log=self.log,
        )
        wire.check_http_status(answer)
        parsed = wire.decode(answer.body, _Answer)
        if parsed.code != SUCCESS:
            error = error_for(
                self.classify(parsed.code),
                code=answer.mask(parsed.code),
                message=answer.mask(wire.text(parsed.message)),
            )
            if verb in _MOVES_MONEY and isinstance(error, Passing):
                # It may be recorded and even carried out: ask before sending again.
                error.in_doubt = True
            raise error
        return wire.decode(bytes(parsed.data), shape)


def _time_text(moment: datetime) -> str:
    """28 characters in GMT+8: 2026-01-31T00:00:00.000+0800."""
    return f"{moment.astimezone(_GMT_8):%Y-%m-%dT%H:%M:%S.}{moment.microsecond // 1000:03}+0800"


def _checked_user_id(user_id: str) -> str:
    if not USER_ID.fullmatch(user_id):
        raise Refused("invalid_name", f"{user_id!r} is not 1-50 of a-z and 0-9")
    return user_id


def _checked_code(code: str) -> str:
    if not 0 < len(code) <= TRANSACTION_CODE_LENGTH:
        raise Refused("invalid_order", f"{code!r} is not 1-{TRANSACTION_CODE_LENGTH} characters")
    return code
