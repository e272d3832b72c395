"""A test call of a channel: as eBET would call us, and as we call eBET. Nothing moves.

Our own addresses are called over HTTP, so the messages stand in the inbox like eBET's own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec
from django.utils.translation import gettext as _

from providers import http, wire
from providers.ebet.desk import NoAccess, client_of
from providers.ebet.signing import sign, verify
from providers.ebet.statuses import Status
from providers.errors import ProviderError
from wallet.models import Channel, ChannelKey

PROBE_USERNAME: Final = "test-call"
"""Nobody's name: a signed message about this player passes every guard and finds nobody."""

_PROBE_TEXT: Final = "backoffice"


class Outcome(StrEnum):
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """What was tried and what came of it, in words."""

    title: str
    outcome: Outcome
    text: str


class _Reply(msgspec.Struct):
    status: int


def try_channel(channel: Channel, *, own_url: str) -> list[Step]:
    """Every step in order; one that fails stops none of the others but those that need it.

    ``own_url`` is where eBET reaches this back-office.
    """
    key = channel.active_key
    return [
        _status(channel),
        _networks(channel),
        _key(key),
        _pair(key),
        _net_check(own_url),
        _signed_call(channel, key, own_url),
        _ebet(channel),
    ]


def _status(channel: Channel) -> Step:
    title = _("The channel is open")
    match channel.status:
        case Channel.Status.ACTIVE:
            return Step(title, Outcome.GOOD, _("eBET's messages are carried out."))
        case Channel.Status.MAINTENANCE:
            text = _("In maintenance: every message of eBET is answered 505, players cannot play.")
            return Step(title, Outcome.WARNING, text)
    return Step(title, Outcome.BAD, _("Closed: every message of eBET is answered 202."))


def _networks(channel: Channel) -> Step:
    title = _("eBET may call")
    if not channel.allowed_networks:
        text = _("No network is listed, so every message of eBET is answered 4027.")
        return Step(title, Outcome.BAD, text)
    return Step(title, Outcome.GOOD, ", ".join(channel.allowed_networks))


def _key(key: ChannelKey | None) -> Step:
    title = _("An active key")
    if key is None:
        text = _("There is none: signed messages of eBET are answered 4026.")
        return Step(title, Outcome.BAD, text)
    name = f"{key.fingerprint[:16]} · {key.bits}"
    if key.is_weak:
        text = _("A key below 1024 bits can be factored: ask eBET for a larger one.")
        return Step(title, Outcome.WARNING, f"{name} · {text}")
    return Step(title, Outcome.GOOD, name)


def _pair(key: ChannelKey | None) -> Step:
    title = _("Its two halves belong together")
    if key is None or not key.private_pem:
        text = _("The private half is not stored: we cannot sign, only check.")
        return Step(title, Outcome.SKIPPED, text)
    if verify(key.public_pem, _PROBE_TEXT, sign(key.private_pem, _PROBE_TEXT)):
        text = _("Signed with the private half, verified with the public one.")
        return Step(title, Outcome.GOOD, text)
    text = _("What the private half signs, the public half does not verify: add the pair anew.")
    return Step(title, Outcome.BAD, text)


def _net_check(own_url: str) -> Step:
    title = _("Our address answers netCheck")
    try:
        status = _post(own_url, "netCheck", {"event": "netCheck"})
    except ProviderError as error:
        return Step(title, Outcome.BAD, f"{own_url} · {error}")
    outcome = Outcome.GOOD if status == Status.OK else Outcome.WARNING
    return Step(title, outcome, f"{own_url} · {status}")


def _signed_call(channel: Channel, key: ChannelKey | None, own_url: str) -> Step:
    """Ask, signed as eBET signs, for the records of a player whom nobody is."""
    title = _("Our address accepts a signed message")
    if key is None or not key.private_pem:
        return Step(title, Outcome.SKIPPED, _("It needs the private half of the key."))
    now = time.time_ns() // 1_000_000
    members = {
        "event": "queryIncreaseCreditRecord",
        "channelId": channel.pk,
        "timestamp": now,
        "seqNo": f"{PROBE_USERNAME}-{now}",
        "username": PROBE_USERNAME,
        "querySeqNo": PROBE_USERNAME,
        "signature": sign(key.private_pem, f"{PROBE_USERNAME}{now}"),
    }
    try:
        status = _post(own_url, "queryIncreaseCreditRecord", members)
    except ProviderError as error:
        return Step(title, Outcome.BAD, str(error))
    return Step(title, *_meaning(status))


def _meaning(status: int) -> tuple[Outcome, str]:
    match status:
        case Status.USER_UNKNOWN | Status.OK:
            text = _("The network, the signature and the clock were accepted.")
            return Outcome.GOOD, f"{status} · {text}"
        case Status.IP_REFUSED:
            text = _(
                "Our own address is not among the allowed networks, so we were refused as any "
                "stranger is. Only eBET can try the signature from its own."
            )
            return Outcome.WARNING, f"{status} · {text}"
        case Status.MAINTENANCE:
            return Outcome.WARNING, f"{status} · {_('The channel is in maintenance.')}"
        case Status.BAD_SIGNATURE:
            text = _("Our own signature was refused: weak keys may not be allowed here.")
            return Outcome.BAD, f"{status} · {text}"
    return Outcome.BAD, str(status)


def _ebet(channel: Channel) -> Step:
    """Ask eBET, signed, for the address of its games."""
    title = _("eBET answers us")
    try:
        client = client_of(channel)
    except NoAccess as error:
        return Step(title, Outcome.SKIPPED, str(error))
    return _asked(title, lambda: client.launch_url(currency=channel.currency))


def _asked(title: str, ask: Callable[[], str]) -> Step:
    try:
        ask()
    except ProviderError as error:
        return Step(title, Outcome.BAD, f"{error.verdict.label} · {error}")
    return Step(title, Outcome.GOOD, _("Our address and our signature were accepted."))


def _post(own_url: str, event: str, members: dict[str, object]) -> int:
    """The status of the answer. Raises ProviderError."""
    answer = http.post_json(
        url=wire.join(own_url, event), body=wire.encode(members), headers={}, log=[]
    )
    wire.check_http_status(answer)
    return wire.decode(answer.body, _Reply).status
