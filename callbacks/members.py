"""Reading typed members out of a parsed message.

A missing member, or a value that its rule forbids, is a bad parameter (4025); a value of another
JSON type is a bad data type (4030). ``null`` counts as "" wherever a member may be empty.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from callbacks.parsing import MAX_BYTES, Number
from callbacks.refusals import Refusal
from providers.ebet.statuses import Status

MONEY_DECIMALS = 2
MONEY_LIMIT = Decimal(10) ** 13
SEQ_NO_LENGTH = 128
NAME_LENGTH = 64
ANY_LENGTH = MAX_BYTES
"""For what is only compared: too long a name, token or signature is a wrong one, not a bad one."""

MAX_INTEGER = 2**31 - 1
SECONDS_BELOW = 10**11
MILLISECONDS_BELOW = 10**15


def bad_parameter(name: str) -> Refusal:
    return Refusal(Status.BAD_PARAMETER, f"bad parameter: {name}")


def bad_type(name: str) -> Refusal:
    return Refusal(Status.BAD_DATA_TYPE, f"bad type: {name}")


def missing(name: str) -> Refusal:
    return Refusal(Status.BAD_PARAMETER, f"missing: {name}")


class Members:
    """The members of one JSON object. Every method raises Refusal for what it does not accept."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    def _given(self, name: str) -> Any:
        try:
            return self._members[name]
        except KeyError:
            raise missing(name) from None

    def text(self, name: str, *, limit: int) -> str:
        """A string that must be given and must not be empty, of at most `limit` characters."""
        value = self._given(name)
        if not isinstance(value, str):
            raise bad_type(name)
        if not value or len(value) > limit:
            raise bad_parameter(name)
        return value

    def username(self) -> str:
        """The player's name in lower case: eBET forces it, and so do we."""
        return self.text("username", limit=ANY_LENGTH).lower()

    def nullable_text(self, name: str, *, limit: int) -> str:
        """A string that must be given, though it may be empty or null."""
        self._given(name)
        return self.optional_text(name, limit=limit)

    def optional_text(self, name: str, *, limit: int) -> str:
        """A string that may be left out, empty or null: all three read as ""."""
        value = self._members.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise bad_type(name)
        if len(value) > limit:
            raise bad_parameter(name)
        return value

    def number(self, name: str) -> Number:
        """A number that must be given, with the token that was sent."""
        value = self._given(name)
        if not isinstance(value, Number):
            raise bad_type(name)
        return value

    def integer(self, name: str) -> int:
        """A whole number that must be given; 3.0 is whole, 3.5 and 3e0 are refused."""
        return _whole(self.number(name), name)

    def optional_integer(self, name: str) -> int | None:
        """A whole number that may be left out or null."""
        return None if self._members.get(name) is None else self.integer(name)

    def any_integer(self, name: str) -> int | None:
        """A whole number that is kept and never judged; anything else reads as None."""
        value = self._members.get(name)
        integral = value.integral if isinstance(value, Number) else None
        return int(integral) if integral and abs(int(integral)) <= MAX_INTEGER else None

    def timestamp(self, name: str) -> int:
        """A Unix time in milliseconds; eBET also sends seconds, known by their magnitude."""
        value = self.integer(name)
        if not 0 <= value < MILLISECONDS_BELOW:
            raise bad_parameter(name)
        return value * 1000 if value < SECONDS_BELOW else value

    def money(self, name: str) -> Decimal:
        """An amount of at most two decimals, read from its token and never from a float."""
        return _money(self.number(name), name)

    def optional_money(self, name: str) -> Decimal | None:
        return None if self._members.get(name) is None else self.money(name)

    def optional_object(self, name: str) -> Mapping[str, Any]:
        """An object that may be left out or null; a list of one object is taken for it."""
        value = self._members.get(name)
        if isinstance(value, list) and len(value) == 1:
            (value,) = value
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise bad_type(name)
        return value

    def objects(self, name: str) -> list["Members"]:
        """A list of objects that must be given."""
        value = self._given(name)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_type(name)
        return [Members(item) for item in value]


def _whole(number: Number, name: str) -> int:
    integral = number.integral
    if integral is None:
        raise bad_parameter(name)
    return int(integral)


def _money(number: Number, name: str) -> Decimal:
    value = number.plain
    if value is None or number.decimals > MONEY_DECIMALS or abs(value) >= MONEY_LIMIT:
        raise bad_parameter(name)
    return value
