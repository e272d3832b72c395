"""How every event is handled: read → authenticate → one domain call → answer.

The order of the guards is the protocol's and stands in one place, EventView.reply. An event says
only what is its own: its message, its statement, its signature, its domain call, its answer.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from django.db import OperationalError
from django.http import HttpRequest
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from callbacks.authentication import SIGNED_TEXTS, signing_key
from callbacks.context import ChannelContext, Context, PlayerContext
from callbacks.docs.openapi import EventSchema
from callbacks.exchange import Answer, Decision, Exchange
from callbacks.members import Members, bad_type, missing
from callbacks.messages import Message, SignedMessage
from callbacks.refusals import Refusal
from callbacks.renderers import TokenJSONRenderer
from providers.ebet.statuses import Status
from wallet import ledger
from wallet.network import is_in

logger = logging.getLogger(__name__)

_EPOCH = datetime.fromtimestamp(0, tz=UTC)

M = TypeVar("M", bound=Message)
Document = Mapping[str, Any]


class LeanView(APIView):
    """DRF without what a signed message has no use for: negotiation, users, permissions."""

    http_method_names = ["post"]
    renderer_classes = [TokenJSONRenderer]
    _renderer = TokenJSONRenderer()
    default_response_headers: ClassVar[dict[str, str]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        request.accepted_renderer = self._renderer
        request.accepted_media_type = self._renderer.media_type

    def perform_content_negotiation(
        self,
        request: Request,
        force: bool = False,  # noqa: FBT001, FBT002  DRF's own signature
    ) -> tuple[BaseRenderer, str]:
        return self._renderer, self._renderer.media_type


class CallbackView(LeanView):
    """An address of the protocol: whatever comes in is answered in the event's shape and kept."""

    event: ClassVar[str]
    schema = EventSchema()

    def reply(self, document: Document, exchange: Exchange, channel_id: int | None) -> Answer:
        """The answer to a message that was addressed to `channel_id`, if the URL names one.

        May raise Refusal.
        """
        raise NotImplementedError

    def refused(self, exchange: Exchange) -> Answer:
        """The event's answer with nothing in it: every member with its type, but no status."""
        raise NotImplementedError

    def post(self, request: Request, channel_id: str | None = None) -> Response:
        exchange = Exchange(self.event, request)
        answer, http_status = self.answer(exchange, int(channel_id) if channel_id else None)
        try:
            exchange.record(answer, http_status=http_status)
        except Exception:  # what happened to the money matters more than its record
            logger.exception("A callback is not in the inbox: %s", exchange.event)
        return Response(answer, status=http_status)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        exchange = Exchange(self.event, request)
        answer = self.refused(exchange) | {"status": Status.NOT_AVAILABLE}
        return Response(answer, status=405, headers={"Allow": "POST"})

    def answer(self, exchange: Exchange, channel_id: int | None) -> tuple[Answer, int]:
        """The answer and its HTTP status, whatever comes in. The inbox is not written."""
        try:
            return self.reply(exchange.read(), exchange, channel_id), 200
        except Refusal as refusal:
            exchange.refuse(refusal)
            answer = {**self.refused(exchange), **refusal.members, "status": refusal.status}
            return answer, refusal.http_status
        except Exception as error:  # noqa: BLE001  whatever it is, eBET gets an answer
            exchange.decision, exchange.note = Decision.FAILED, type(error).__name__
            return {**self.refused(exchange), "status": _failure(error)}, 200


def _failure(error: Exception) -> Status:
    """Busy when the database made us wait too long, else a system error; eBET resends on both."""
    if isinstance(error, ledger.Busy) or (
        isinstance(error, OperationalError)
        and isinstance(error.__cause__, DeadlockDetected | LockNotAvailable | QueryCanceled)
    ):
        logger.warning("Busy: %s", error)
        return Status.BUSY
    logger.error("A callback failed", exc_info=error)
    return Status.SYSTEM_ERROR


class EventView(CallbackView, Generic[M]):
    """An event of one channel, behind the guards."""

    message_type: type[M]
    event_required: ClassVar[bool] = True

    # --- What an event adds -----------------------------------------------------------------

    def look_up(self, message: M) -> Context | None:
        """Read, in one statement, what the guards and the domain call need; None: no channel."""
        raise NotImplementedError

    def formulas_for(self, message: M, channel: ChannelContext) -> Sequence[str]:
        """The signature formulas that this message may use; none: it is not signed."""
        return SIGNED_TEXTS[self.event]

    def known(self, message: M, context: Context, exchange: Exchange) -> Answer | None:
        """The answer to a message whose key was seen before; it passes no further guard."""
        return None

    def settle(self, message: M, context: Context, exchange: Exchange) -> Answer:
        """What remains when the message is genuine, new and in time: the player, then the rule."""
        if context.player is None:
            raise Refusal(Status.USER_UNKNOWN, "no such player")
        return self.perform(message, context.player, context, exchange)

    def perform(
        self, message: M, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        """Session and token, the domain call, and its translation. May raise Refusal."""
        raise NotImplementedError

    # --- The guards, in the protocol's order ------------------------------------------------

    def reply(self, document: Document, exchange: Exchange, channel_id: int | None) -> Answer:
        check_event(self.event, document, required=self.event_required)
        message = self.message_type.read(Members(document))
        context = self.look_up(message)
        if context is None or channel_id not in (None, message.channel_id):
            raise Refusal(Status.CHANNEL_UNKNOWN, "no such channel")
        channel = context.channel
        check_channel(channel, exchange)
        self.check_signature(message, document, channel, exchange)
        answer = self.known(message, context, exchange)
        if answer is not None:
            return answer
        self.check_clock(message, channel)
        return self.settle(message, context, exchange)

    def check_signature(
        self, message: M, document: Document, channel: ChannelContext, exchange: Exchange
    ) -> None:
        """Raise Refusal (4026) unless a current key of the channel signed the message."""
        if not isinstance(message, SignedMessage):
            return
        key = signing_key(
            document=document,
            formulas=self.formulas_for(message, channel),
            keys=channel.keys,
            allow_weak=channel.allow_weak_keys,
            signature=message.signature,
        )
        if key is None:
            raise Refusal(Status.BAD_SIGNATURE, "no key of the channel signed this")
        exchange.key_id = key.id

    def check_clock(self, message: M, channel: ChannelContext) -> None:
        """Raise Refusal (4025) for a message from too far in the past or the future."""
        tolerance = channel.timestamp_tolerance
        if tolerance and abs(now_ms() - message.timestamp) > tolerance * 1000:
            raise Refusal(Status.BAD_PARAMETER, "timestamp outside the window")


def check_event(name: str, document: Document, *, required: bool) -> None:
    """Raise Refusal unless the message is the event that its address names (4029)."""
    event = document.get("event")
    if "event" not in document:
        if required:
            raise missing("event")
    elif not isinstance(event, str):
        raise bad_type("event")
    elif event != name:
        raise Refusal(Status.NOT_AVAILABLE, "another event than the address names")


def check_channel(channel: ChannelContext, exchange: Exchange) -> None:
    """Raise Refusal unless the channel is open (202, 505) and lets this caller in (4027)."""
    if channel.status == "closed":
        raise Refusal(Status.CHANNEL_UNKNOWN, "channel closed")
    if channel.status == "maintenance":
        raise Refusal(Status.MAINTENANCE, "channel in maintenance")
    if not is_in(exchange.address, channel.networks):
        raise Refusal(Status.IP_REFUSED, "address not allowed")


def check_currency(currency: str, player: PlayerContext) -> None:
    """Raise Refusal (4025) when a message names another currency than the player's."""
    if currency not in ("", player.currency):
        raise Refusal(Status.BAD_PARAMETER, "not the player's currency")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def milliseconds(moment: datetime) -> int:
    """Unix milliseconds, so that a repeated answer can carry its first time."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)
