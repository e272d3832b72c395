"""POST /callback: did this player sign in with us, and what is in the wallets."""

import time

from callbacks.context import NOTICE_SQL, Context, PlayerContext, read_context
from callbacks.exchange import Answer, Exchange
from callbacks.messages import LoginNotice
from callbacks.money import NOTHING, write_money
from callbacks.parsing import Number
from callbacks.refusals import Refusal
from callbacks.views.base import EventView
from providers.ebet.statuses import Status
from wallet.secrets import token_digest

API_VERSION = "1.0.0"
WALLET_TYPES = range(7)


class LoginNoticeView(EventView[LoginNotice]):
    """Moves no money, opens no session and uses no token up. A channel may switch it off."""

    event = "callback"
    message_type = LoginNotice
    event_required = False

    def look_up(self, message: LoginNotice) -> Context | None:
        return read_context(
            NOTICE_SQL,
            {
                "channel": message.channel_id,
                "username": message.username,
                "token": token_digest(message.access_token),
            },
        )

    def known(self, message: LoginNotice, context: Context, exchange: Exchange) -> None:
        if not context.channel.serve_callback:
            raise Refusal(Status.NOT_AVAILABLE, "switched off for this channel")

    def perform(
        self, message: LoginNotice, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        token_id, type_ids, balances = context.extra
        if token_id is None:
            raise Refusal(Status.BAD_TOKEN, "no valid token of this player")
        if not player.is_active:
            raise Refusal(Status.BAD_CREDENTIALS, f"player {player.status}")
        money = dict(zip(type_ids, map(write_money, balances), strict=True))
        return {
            **self._shape(message.channel_id, message.username, money),
            "subChannelId": player.sub_channel,
            "userId": player.user_id,
            "status": Status.OK,
        }

    def refused(self, exchange: Exchange) -> Answer:
        return self._shape(exchange.channel_id or 0, exchange.username, {})

    @staticmethod
    def _shape(channel_id: int, username: str, money: dict[int, Number]) -> Answer:
        return {
            "channelId": channel_id,
            "subChannelId": 0,
            "userId": 0,
            "username": username,
            "wallet": [
                {"typeId": type_id, "money": money.get(type_id, NOTHING)}
                for type_id in WALLET_TYPES
            ],
            "money": money.get(0, NOTHING),
            "timestamp": int(time.time()),
            "apiVersion": API_VERSION,
        }
