"""The filters of exports: what each is called, how a form asks for it, and which rows it means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import Q

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Choices = Iterable[tuple[Any, Any]]
EVERY = "*"  # behind a username: all that begin so


class Kind(Enum):
    """How a form asks for the value, and which JSON it is."""

    CHANNEL = "channel"  # a channel's number
    NUMBER = "number"
    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"  # a list
    DAY = "day"  # an ISO date


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. ``read`` makes it of a value, in the period's zone; it raises TypeError.

    With ``none`` the value null asks for rows that have no such thing. ``narrows`` marks what
    leaves part of a wallet's movements out, so that balances do not add up from the rows.
    ``initial`` is what a form begins with.
    """

    title: StrPromise | str
    read: Callable[[Any, ZoneInfo], Q]
    kind: Kind = Kind.TEXT
    choices: Choices = ()
    none: StrPromise | str = ""
    narrows: bool = False
    initial: Any = None


def channel(title: Any, lookup: str) -> Filter:
    return Filter(title, lambda value, zone: Q(**{lookup: _number(value)}), Kind.CHANNEL)


def number(title: Any, lookup: str, *, none: Any = "", **more: Any) -> Filter:
    return Filter(title, _of(lookup, _number, none), Kind.NUMBER, none=none, **more)


def text(title: Any, lookup: str, *, none: Any = "", **more: Any) -> Filter:
    return Filter(title, _of(lookup, _text, none), Kind.TEXT, none=none, **more)


def username(title: Any, lookup: str) -> Filter:
    """A whole username, or its beginning with an asterisk behind it."""

    def read(value: Any, zone: ZoneInfo) -> Q:
        name = _text(value).lower()
        if name.endswith(EVERY):
            return Q(**{f"{lookup}__startswith": name.removesuffix(EVERY)})
        return Q(**{lookup: name})

    return Filter(title, read)


def some_of(title: Any, lookup: str, choices: Choices, *, narrows: bool = False) -> Filter:
    """Any of several choices."""
    known = {value for value, _label in choices}

    def read(value: Any, zone: ZoneInfo) -> Q:
        if not isinstance(value, (list, tuple)) or not value or not known.issuperset(value):
            raise TypeError
        return Q(**{f"{lookup}__in": value})

    return Filter(title, read, Kind.CHOICES, choices, narrows=narrows)


def one_of(
    title: Any,
    choices: Choices,
    conditions: Mapping[Any, Q] | Callable[[Any], Q],
    **more: Any,
) -> Filter:
    """One choice, each with a condition of its own."""
    known = {value for value, _label in choices}
    find = conditions if callable(conditions) else conditions.__getitem__

    def read(value: Any, zone: ZoneInfo) -> Q:
        if value not in known and not (value is None and more.get("none")):
            raise TypeError
        return find(value)

    return Filter(title, read, Kind.CHOICE, choices, **more)


def since_day(title: Any, lookup: str) -> Filter:
    """From the beginning of a day."""
    return Filter(
        title,
        lambda value, zone: Q(**{f"{lookup}__gte": _midnight(value, zone)}),
        Kind.DAY,
        narrows=True,
    )


def until_day(title: Any, lookup: str) -> Filter:
    """To the end of a day."""
    return Filter(
        title,
        lambda value, zone: Q(**{f"{lookup}__lt": _midnight(value, zone, days=1)}),
        Kind.DAY,
        narrows=True,
    )


def at_least(title: Any, lookup: str) -> Filter:
    """An amount of at least so much, whichever way it moved."""

    def read(value: Any, zone: ZoneInfo) -> Q:
        least = _amount(value)
        return Q(**{f"{lookup}__gte": least}) | Q(**{f"{lookup}__lte": -least})

    return Filter(title, read, narrows=True)


def at_most(title: Any, lookup: str) -> Filter:
    """An amount of at most so much, whichever way it moved."""

    def read(value: Any, zone: ZoneInfo) -> Q:
        most = _amount(value)
        return Q(**{f"{lookup}__gte": -most, f"{lookup}__lte": most})

    return Filter(title, read, narrows=True)


def _of(lookup: str, parse: Callable[[Any], Any], none: Any) -> Callable[[Any, ZoneInfo], Q]:
    def read(value: Any, zone: ZoneInfo) -> Q:
        if value is None and none:
            return Q(**{f"{lookup}__isnull": True})
        return Q(**{lookup: parse(value)})

    return read


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(_text(value))
    except InvalidOperation as error:
        raise TypeError from error
    if not amount.is_finite() or amount < 0:
        raise TypeError
    return amount


def _midnight(value: Any, zone: ZoneInfo, *, days: int = 0) -> datetime:
    try:
        day = date.fromisoformat(_text(value)) + timedelta(days=days)
    except (ValueError, OverflowError) as error:
        raise TypeError from error
    return datetime.combine(day, time(), zone)
