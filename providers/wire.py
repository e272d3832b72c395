"""What the JSON-over-Basic-auth providers share on the wire."""

import base64
import codecs
from typing import Any, Final, TypeVar

import msgspec

from providers import http
from providers.errors import OutcomeUnknown, Passing, TargetRefused

T = TypeVar("T")

_encoder: Final = msgspec.json.Encoder(decimal_format="number")


def encode(body: object) -> bytes:
    """`body` as compact JSON; a Decimal becomes its exact number token."""
    return _encoder.encode(body)


def basic(identity: str, secret: str) -> dict[str, str]:
    """The Authorization header of HTTP Basic."""
    token = base64.b64encode(f"{identity}:{secret}".encode()).decode("ascii")
    return {"Authorization": f"Basic {token}"}


def join(base_url: str, path: str) -> str:
    """`path` under a base address that may or may not end in a slash."""
    return f"{base_url.rstrip('/')}/{path.lstrip('/')}"


def decode(body: bytes, shape: type[T]) -> T:
    """Read a whole answer as `shape`. Raises OutcomeUnknown for anything else."""
    try:
        return msgspec.json.decode(body.removeprefix(codecs.BOM_UTF8), type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OutcomeUnknown("unreadable", f"not the expected answer: {error}") from error


def check_http_status(answer: http.Answer) -> None:
    """Read the HTTP status before the body.

    Raises TargetRefused for 401 and 403 (credentials or address), Passing for 429,
    OutcomeUnknown for anything else outside 2xx: a gateway in between may have
    failed after the request went through. None quotes the body, which may be of a
    server that is no provider; the exchange keeps it, redacted.
    """
    if 200 <= answer.status < 300:
        return
    code = f"HTTP {answer.status}"
    if answer.status in (401, 403):
        raise TargetRefused(code, "credentials or address refused")
    if answer.status == 429:
        raise Passing(code, "too many requests")
    raise OutcomeUnknown(code)


def text(value: object) -> str:
    """A member that is only told to people, whatever the provider made it."""
    return value if isinstance(value, str) else "" if value is None else str(value)


def json_object(**members: Any) -> dict[str, Any]:
    """The members that are not None, in the order given."""
    return {name: value for name, value in members.items() if value is not None}
