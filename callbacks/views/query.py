"""POST /queryIncreaseCreditRecord: what became of these movements."""

from callbacks import records
from callbacks.context import QUERY_SQL, Context, PlayerContext, read_context
from callbacks.exchange import Answer, Exchange
from callbacks.messages import Query
from callbacks.money import write_money
from callbacks.views.base import EventView, now_ms
from providers.ebet.statuses import Status


class QueryView(EventView[Query]):
    """Answered for locked and closed players too: eBET settles by what it learns here."""

    event = "queryIncreaseCreditRecord"
    message_type = Query

    def look_up(self, message: Query) -> Context | None:
        return read_context(
            QUERY_SQL, {"channel": message.channel_id, "username": message.username}
        )

    def perform(
        self, message: Query, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        exchange.round_code = message.round_code
        found = records.find(
            channel_id=context.channel.id,
            player_id=player.id,
            wanted=message.wanted,
            round_code=message.round_code,
        )
        unsigned = context.channel.query_absolute_money
        return {
            "seqNo": message.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "username": message.username,
            "status": Status.OK,
            "creditRecord": [
                {
                    "querySeqNo": record.seq_no,
                    "type": record.type,
                    "username": message.username,
                    "roundCode": record.round_code,
                    "status": record.status,
                    "creditTime": int(record.posted_at.timestamp() * 1000),
                    "moneyBefore": write_money(record.before),
                    "moneyAfter": write_money(record.after),
                    "money": write_money(abs(record.money) if unsigned else record.money),
                }
                for record in found
            ],
        }

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "seqNo": exchange.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "username": exchange.username,
            "creditRecord": [],
        }
