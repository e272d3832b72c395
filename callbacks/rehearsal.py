"""What we would answer now to a message of the inbox: the same guards and rules, then all undone.

The message goes through its event's own view, inside a transaction that is rolled back whatever
comes of it. The inbox does not keep passwords, tokens or the signatures over them; they are taken
to be right, and the result says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callbacks.context import ChannelContext
from callbacks.exchange import Exchange
from callbacks.messages import Message
from callbacks.models import ReceivedCallback
from callbacks.parsing import Malformed, parse_object
from callbacks.redaction import MARK, redacted
from callbacks.refusals import Refusal
from callbacks.views import EVENT_VIEWS
from callbacks.views.base import Document, EventView
from providers.ebet.statuses import Status
from wallet import players
from wallet.models import Player
from wallet.network import parse_address

_VIEWS = {view.event: view for view in EVENT_VIEWS}
_LIMITS = "SET LOCAL statement_timeout = '2s'; SET LOCAL lock_timeout = '500ms'"

# member → what is supposed when it was not kept
_SUPPOSED: Mapping[str, Promise] = {
    "signature": gettext_lazy("The signature was not kept: it is taken as genuine."),
    "password": gettext_lazy("The password was not kept: it is taken as right."),
    "accessToken": gettext_lazy("The access token was not kept: it is taken as valid."),
    "sessionToken": gettext_lazy("The session token was not kept: its session is taken as open."),
}


class NotRehearsable(Exception):
    """It cannot be tried; the text says why."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The answer as JSON text, why, and what had to be supposed.

    ``too_late`` is the answer that the message gets as it stands, where its timestamp is out of the
    window by now; ``status`` and ``answer`` are then those of the same message sent anew.
    """

    status: Status
    answer: str
    decision: ReceivedCallback.Decision
    note: str
    case: str
    supposed: list[Promise]
    too_late: Refusal | None


class _Stored(Exchange):
    """A message of the inbox in the place of one that comes in."""

    too_late: Refusal | None = None

    def __init__(self, received: ReceivedCallback, request: HttpRequest) -> None:
        super().__init__(received.event, request, address=parse_address(received.address or ""))
        self.document = _document(received)

    def read(self) -> Mapping[str, Any]:
        return self.document or {}


class _Lenient(EventView[Any]):
    """Supposes what was not kept, and goes on when only the clock stands in the way."""

    exchange: _Stored

    def check_signature(
        self, message: Message, document: Document, channel: ChannelContext, exchange: Exchange
    ) -> None:
        if document.get("signature") != MARK:
            super().check_signature(message, document, channel, exchange)

    def check_clock(self, message: Message, channel: ChannelContext) -> None:
        try:
            super().check_clock(message, channel)
        except Refusal as refusal:
            self.exchange.too_late = refusal


def rehearse(received: ReceivedCallback, request: HttpRequest) -> Rehearsal:
    """Answer a received message once more and undo everything. Raises NotRehearsable."""
    exchange = _Stored(received, request)
    document = exchange.read()
    with transaction.atomic():
        try:
            with connection.cursor() as cursor:
                cursor.execute(_LIMITS)
            try:
                _lend(document)
            except OperationalError as error:
                raise NotRehearsable(_("The player is busy: try again in a moment.")) from error
            answer, _http_status = _view(exchange).answer(exchange, None)
        finally:
            transaction.set_rollback(True)
    return Rehearsal(
        status=Status(answer["status"]),
        answer=redacted(answer),
        decision=exchange.decision,
        note=exchange.note,
        case=str(exchange.case.label) if exchange.case else "",
        supposed=[text for name, text in _SUPPOSED.items() if document.get(name) == MARK],
        too_late=exchange.too_late,
    )


def _document(received: ReceivedCallback) -> dict[str, Any]:
    try:
        document = parse_object(received.request.encode())
    except Malformed as error:
        raise NotRehearsable(_("The message was no JSON that we read.")) from error
    if "unreadable" in document:
        raise NotRehearsable(_("The message was no JSON that we read, so it was not kept."))
    if "…" in document:
        raise NotRehearsable(_("The message was too long to be kept whole."))
    return document


def _view(exchange: _Stored) -> Any:
    view = _VIEWS.get(exchange.event)
    if view is None:
        raise NotRehearsable(_("There is no such event any more."))
    if not issubclass(view, EventView):
        return view()
    lenient: Any = type(view.__name__, (_Lenient, view), {})()
    lenient.exchange = exchange
    return lenient


def _lend(document: Mapping[str, Any]) -> None:
    """Make the mark that stands for each secret a valid secret, for as long as this lasts."""
    username, channel = document.get("username"), getattr(document.get("channelId"), "integral", "")
    if not isinstance(username, str) or not channel:
        return
    player = Player.objects.filter(channel=int(channel), username=username.lower()).first()
    if player is None:
        return
    if document.get("sessionToken") == MARK:
        players.open_session(player=player, token=MARK)
    if document.get("accessToken") == MARK:
        players.issue_access_token(player=player, token=MARK)
    if document.get("password") == MARK:
        Player.objects.filter(pk=player.pk).update(password=make_password(MARK))
