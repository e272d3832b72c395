"""The only door to the network: one JSON POST at a time, bounded and redacted.

Every call has a total deadline well below a job's lease, a largest answer, no
redirects and no proxy from the environment. What is kept of an exchange never
contains a credential, a password, a token or a launch link.
"""

import ipaddress
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from providers.errors import OutcomeUnknown, Passing, ProviderError, TargetRefused
from providers.masking import Mask

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

TOTAL_SECONDS: Final = 10
"""From the first byte sent to the last byte read; a job's lease is much longer."""

LARGEST_ANSWER: Final = 1_048_576

# Where clouds serve their machines' credentials, besides link-local addresses.
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "fd00:ec2::254")))

_TIMEOUT: Final = httpx.Timeout(8, connect=3)
_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=50)
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what came back, fit to be kept: secrets are already masked."""

    url: str
    request: str
    http_status: int | None
    answer: str
    duration_ms: int
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A complete HTTP answer, unredacted: for the client to read, not to keep.

    What the client keeps or tells of it, such as a message, goes through `mask`.
    """

    status: int
    body: bytes = field(repr=False)
    mask: Mask = field(default_factory=Mask)


def check_address(url: str) -> None:
    """Refuse what no provider can be at, as far as its text says. Raises TargetRefused.

    Where a name leads is checked when the connection to it stands.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        valid = parts.scheme in {"http", "https"} and host and parts.username is None
        valid = valid and not (parts.query or parts.fragment)
        _ = parts.port
    except ValueError:
        valid = False
        host = ""
    if not valid:
        raise TargetRefused("bad_address", "an address must be http(s)://host[:port][/path]")
    literal = _literal(host)
    if literal and _is_nobodys(literal):
        raise TargetRefused("bad_address", f"{host} is no provider's address")


def _literal(host: str) -> Address | None:
    """The address that `host` spells; as the resolver does, this reads 0xa9fea9fe and 127.1."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeEncodeError):
            return None


def _is_nobodys(address: Address) -> bool:
    """Link-local addresses are where cloud machines serve their own credentials."""
    address = getattr(address, "ipv4_mapped", None) or address
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
    )


def _check_peer(event: str, info: Mapping[str, Any]) -> None:
    """Hang up, with nothing sent, where a name led to what no provider can be at."""
    if event != "connection.connect_tcp.complete":
        return
    stream = info["return_value"]
    peer = stream.get_extra_info("server_addr")[0]
    if _is_nobodys(ipaddress.ip_address(peer)):
        stream.close()
        raise TargetRefused("bad_address", f"{peer} is no provider's address")


@lru_cache(maxsize=1)
def _client() -> httpx.Client:
    return httpx.Client(
        timeout=_TIMEOUT,
        limits=_LIMITS,
        follow_redirects=False,
        # None is kept: what one agent is given must not go along with another's request.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        trust_env=False,
        headers={
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "backoffice/1",
        },
    )


# A forked worker must not share its parent's sockets.
os.register_at_fork(after_in_child=_client.cache_clear)


def post_json(*, url: str, body: bytes, headers: Mapping[str, str], log: list[Exchange]) -> Answer:
    """POST `body` and return the whole answer, whatever its HTTP status.

    Appends the redacted exchange to `log` in every case. Raises TargetRefused for
    an address that cannot be one, Passing when nothing was sent, OutcomeUnknown
    when the request may have arrived but no complete answer came back.
    """
    check_address(url)
    mask = Mask.of(body=body.decode(), headers=headers)
    started = time.monotonic()
    status: int | None = None
    answer = b""
    failure = ""
    try:
        request = _client().build_request(
            "POST",
            url,
            content=body,
            headers={"Content-Type": "application/json", **headers},
            extensions={"trace": _check_peer},
        )
        response = _client().send(request, stream=True)
        try:
            status = response.status_code
            answer = _read(response, deadline=started + TOTAL_SECONDS)
        finally:
            response.close()
    except _NOT_SENT as error:
        failure = type(error).__name__
        raise Passing("not_sent", f"{failure}: {error}") from error
    except httpx.HTTPError as error:
        # Its text may quote what answered, which is not for whoever may set an address.
        failure = type(error).__name__
        raise OutcomeUnknown("no_answer", failure) from error
    except ProviderError as error:
        failure = error.code
        raise
    finally:
        log.append(
            Exchange(
                url=url,
                request=mask.kept(body.decode()),
                http_status=status,
                answer=mask.kept(answer.decode(errors="replace")),
                duration_ms=round((time.monotonic() - started) * 1000),
                error=failure,
            )
        )
    return Answer(status=status, body=answer, mask=mask)


def _read(response: httpx.Response, *, deadline: float) -> bytes:
    """Read a bounded answer before the deadline. Raises OutcomeUnknown."""
    chunks = bytearray()
    for chunk in response.iter_bytes():
        chunks += chunk
        if len(chunks) > LARGEST_ANSWER:
            raise OutcomeUnknown("answer_too_large", f"more than {LARGEST_ANSWER} bytes")
        if time.monotonic() > deadline:
            raise OutcomeUnknown("too_slow", f"no whole answer in {TOTAL_SECONDS} seconds")
    return bytes(chunks)
