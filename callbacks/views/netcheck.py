"""POST /netCheck: are you there."""

from callbacks.context import CHANNEL_SQL, read_context
from callbacks.exchange import Answer, Exchange
from callbacks.refusals import Refusal
from callbacks.views.base import CallbackView, Document, check_channel, check_event
from providers.ebet.statuses import Status
from wallet.db import fetch_row

_ALL_IN_MAINTENANCE = (
    "SELECT bool_and(status = 'maintenance') FROM wallet_channel WHERE status <> 'closed'"
)


class NetCheckView(CallbackView):
    """Unsigned and of no channel, unless the URL names one. It tells and moves nothing.

    The whole service is in maintenance when every channel that is not closed is.
    """

    event = "netCheck"

    def reply(self, document: Document, exchange: Exchange, channel_id: int | None) -> Answer:
        check_event(self.event, document, required=True)
        if channel_id is None:
            row = fetch_row(_ALL_IN_MAINTENANCE, [])
            if row and row[0]:
                raise Refusal(Status.MAINTENANCE, "every channel is in maintenance")
        else:
            context = read_context(CHANNEL_SQL, {"channel": channel_id})
            if context is None:
                raise Refusal(Status.CHANNEL_UNKNOWN, "no such channel")
            check_channel(context.channel, exchange)
        return {"status": Status.OK}

    def refused(self, exchange: Exchange) -> Answer:
        return {}
