"""POST /syncCredit: how much money has the player."""

from callbacks import sessions
from callbacks.context import SYNC_SQL, Context, PlayerContext, read_context
from callbacks.exchange import Answer, Exchange
from callbacks.messages import Sync
from callbacks.money import NOTHING, write_money
from callbacks.views.base import EventView, check_currency, now_ms
from providers.ebet.statuses import Status
from wallet.secrets import token_digest


class SyncView(EventView[Sync]):
    """Unsigned in the protocol: the caller's network and the session are all that opens it."""

    event = "syncCredit"
    message_type = Sync

    def look_up(self, message: Sync) -> Context | None:
        return read_context(
            SYNC_SQL,
            {
                "channel": message.channel_id,
                "username": message.username,
                "session": token_digest(message.session_token),
                "table_type": message.table_type,
            },
        )

    def perform(
        self, message: Sync, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        session_id, stale, balance = context.extra
        sessions.require(player, session_id, stale=stale)
        check_currency(message.currency, player)
        answer = {
            "username": message.username,
            "money": NOTHING if balance is None else write_money(balance),
            "currency": player.currency,
            "status": Status.OK,
            "event": self.event,
            "seqNo": message.seq_no,
            "timestamp": now_ms(),
        }
        if context.channel.compat_username:
            answer["userName"] = message.username
        return answer

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "username": exchange.username,
            "money": NOTHING,
            "currency": "",
            "event": self.event,
            "seqNo": exchange.seq_no,
            "timestamp": now_ms(),
        }
