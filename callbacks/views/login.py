"""POST /registerOrLogin: a player wants to play."""

from django.conf import settings

from callbacks import logins
from callbacks.authentication import PASSWORD_LOGIN, TOKEN_LOGIN
from callbacks.context import LOGIN_SQL, ChannelContext, Context, PlayerContext, read_context
from callbacks.exchange import Answer, Decision, Exchange
from callbacks.logins import AlreadyDone, LoginFacts
from callbacks.messages import Login
from callbacks.refusals import Case, Refusal
from callbacks.views.base import EventView, check_currency
from providers.ebet.statuses import Status
from wallet.network import parse_address
from wallet.secrets import token_digest


class LoginView(EventView[Login]):
    event = "registerOrLogin"
    message_type = Login

    def formulas_for(self, message: Login, channel: ChannelContext) -> tuple[str, ...]:
        return (TOKEN_LOGIN if message.by_token else PASSWORD_LOGIN,)

    def look_up(self, message: Login) -> Context | None:
        address = parse_address(message.address)
        return read_context(
            LOGIN_SQL,
            {
                "channel": message.channel_id,
                "username": message.username,
                "token": token_digest(message.access_token),
                "seq_no": message.seq_no,
                "event_type": message.event_type,
                "address": str(address) if address else None,
                "window": settings.LOGIN_FAILURE_WINDOW,
                "player_limit": settings.LOGIN_FAILURES_PER_PLAYER,
                "address_limit": settings.LOGIN_FAILURES_PER_ADDRESS,
            },
        )

    def known(self, message: Login, context: Context, exchange: Exchange) -> Answer | None:
        player, facts = context.player, LoginFacts(*context.extra)
        if facts.known_player is None:
            return None
        if player is None or player.id != facts.known_player:
            note = "the seqNo logged another player in"
            raise Refusal(Status.BAD_PARAMETER, note, case=Case.CONFLICT)
        check_currency(message.currency, player)
        exchange.decision = Decision.REPLAYED
        return self._admitted(message, player, context)

    def settle(self, message: Login, context: Context, exchange: Exchange) -> Answer:
        if context.player is None:
            facts = LoginFacts(*context.extra)
            logins.register(message=message, channel=context.channel, facts=facts)
            context = self.look_up(message) or context
        return super().settle(message, context, exchange)

    def perform(
        self, message: Login, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        facts = LoginFacts(*context.extra)
        logins.admit(message=message, channel=context.channel, player=player, facts=facts)
        check_currency(message.currency, player)
        try:
            logins.open_session(
                message=message, channel=context.channel, player=player, facts=facts
            )
        except AlreadyDone:
            context = self.look_up(message) or context
            answer = self.known(message, context, exchange)
            if answer is None:
                raise Refusal(Status.BAD_TOKEN, "the token was used meanwhile") from None
            return answer
        exchange.decision = Decision.APPLIED
        return self._admitted(message, player, context)

    def _admitted(self, message: Login, player: PlayerContext, context: Context) -> Answer:
        facts = LoginFacts(*context.extra)
        tokens = logins.tokens_of(
            message=message, channel=context.channel, player=player, facts=facts
        )
        answer = {
            "accessToken": tokens.access,
            "subChannelId": player.sub_channel,
            "username": player.username,
            "sessionToken": tokens.session,
            "currency": player.currency,
            "status": Status.OK,
            "event": self.event,
            "seqNo": message.seq_no,
        }
        if player.nickname:
            answer["nickname"] = player.nickname
        return answer

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "accessToken": "",
            "subChannelId": 0,
            "username": exchange.username,
            "sessionToken": "",
            "currency": "",
            "event": self.event,
            "seqNo": exchange.seq_no,
        }
