"""Strict JSON that keeps every number exactly as it was written.

A signature covers the characters of a number, so ``2.40`` and ``2.4`` are different messages; and
money must never pass through a float. Everything else is stricter than usual: duplicate members,
NaN, endless nesting and text that no database column can hold are refused at the door.
"""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NUMBER_LENGTH = 40

_INTEGRAL = re.compile(r"(-?\d+)(?:\.0+)?")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")

_quote = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Malformed(Exception):
    """The body is no JSON object that we read."""


class Ambiguous(Malformed):
    """It is one, but has a member twice, or a number longer than any this protocol needs.

    Two readers could then see two different messages.
    """


@dataclass(frozen=True)
class Number:
    """A JSON number, kept as its token."""

    token: str

    @property
    def integral(self) -> str | None:
        """The token without a fraction of zeros (``1637308132650.0``), or None if it has another.

        Exponents are not understood: ``1e2`` is nobody's way to write an id, a time or money.
        """
        match = _INTEGRAL.fullmatch(self.token)
        return match[1] if match else None

    @cached_property
    def plain(self) -> Decimal | None:
        """The value, or None when it is written with an exponent."""
        return Decimal(self.token) if _PLAIN.fullmatch(self.token) else None

    @property
    def decimals(self) -> int:
        """How many digits stand after the point."""
        return len(self.token.partition(".")[2])


def parse_object(body: bytes) -> dict[str, Any]:
    """The members of the one JSON object in `body`; numbers as Number.

    Raises Malformed or Ambiguous.
    """
    try:
        document = json.loads(
            body.decode(),
            parse_int=_number,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_members,
        )
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise Malformed("not JSON") from error
    except RecursionError as error:
        raise Malformed("nested too deeply") from error
    if not isinstance(document, dict):
        raise Malformed("not an object")
    _check(document)
    return document


def _number(token: str) -> Number:
    if len(token) > MAX_NUMBER_LENGTH or _exponent(token) > MAX_NUMBER_LENGTH:
        raise Ambiguous("a number is too long")
    return Number(token)


def _exponent(token: str) -> int:
    """The power of ten; a stored document would otherwise be asked to write out all its zeros."""
    return abs(int(token.lower().partition("e")[2] or 0))


def _constant(token: str) -> Any:
    raise Malformed(f"{token} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Ambiguous("a member stands twice")
    return members


def _check(document: dict[str, Any]) -> None:
    """Refuse nesting and characters that later layers could not store."""
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                inner += value.keys()
                inner += value.values()
            elif isinstance(value, list):
                inner += value
            elif isinstance(value, str):
                _check_text(value)
        if not inner:
            return
        level = inner
    raise Malformed("nested too deeply")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Malformed("a NUL character")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise Malformed("half a surrogate pair") from error


def write_json(value: Any) -> str:
    """JSON text of a parsed value, every number with the token that it came with."""
    if isinstance(value, Number):
        return value.token
    if isinstance(value, dict):
        members = (f"{_quote(name)}:{write_json(inner)}" for name, inner in value.items())
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write_json, value)) + "]"
    return _quote(value)
