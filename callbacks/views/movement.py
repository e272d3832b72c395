"""POST /increaseCredit: eBET moves the player's money."""

import logging

from callbacks import gate, postings, sessions
from callbacks.context import MOVEMENT_SQL, Context, PlayerContext, read_context
from callbacks.exchange import Answer, Decision, Exchange
from callbacks.messages import Movement
from callbacks.money import NOTHING, write_money
from callbacks.movements import MOVEMENT_TYPES, MovementType, source_of
from callbacks.postings import CASE_OF_CODE, STATUS_OF_CODE
from callbacks.refusals import Case, Refusal
from callbacks.views.base import EventView, check_currency, milliseconds, now_ms
from providers.ebet.statuses import Status
from wallet import ledger
from wallet.secrets import token_digest

logger = logging.getLogger(__name__)


class MovementView(EventView[Movement]):
    event = "increaseCredit"
    message_type = Movement

    def look_up(self, message: Movement) -> Context | None:
        return read_context(
            MOVEMENT_SQL,
            {
                "channel": message.channel_id,
                "username": message.username,
                "session": token_digest(message.session_token),
                "table_type": message.detail.table_type,
                "seq_no": message.seq_no,
                "source": source_of(message.type),
            },
        )

    def known(self, message: Movement, context: Context, exchange: Exchange) -> Answer | None:
        exchange.round_code = message.detail.round_code
        wallet_id, player_id = context.extra[3:5]
        if wallet_id is None:
            return None
        player = context.player
        if player is None or player.id != player_id:
            raise _conflict("the seqNo is another player's")
        check_currency(message.currency, player)
        return self._move(message, wallet_id, context, exchange)

    def perform(
        self, message: Movement, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        session_id, stale, routed_wallet_id, _, _, is_shared = context.extra
        rule = _rule_of(message)
        if rule.spends:
            sessions.require(player, session_id, stale=stale)
        check_currency(message.currency, player)
        if not rule.allows(message.money):
            raise Refusal(Status.BAD_PARAMETER, f"type {rule.code} does not move {message.money}")
        if is_shared:
            exchange.case = Case.SHARED_SEQ_NO
        wallet_id = postings.wallet_for(
            message=message,
            channel=context.channel,
            player=player,
            routed_wallet_id=routed_wallet_id,
        )
        return self._move(message, wallet_id, context, exchange)

    def _move(
        self, message: Movement, wallet_id: int, context: Context, exchange: Exchange
    ) -> Answer:
        rule = _rule_of(message)
        with gate.at_wallet(wallet_id), exchange.in_time():
            posting = postings.post(
                message=message, rule=rule, channel=context.channel, wallet_id=wallet_id
            )
        exchange.entry_id = posting.entry_id
        _note(posting, message, context, exchange)
        if posting.result is ledger.Result.CONFLICT:
            raise _conflict("the seqNo has other content")
        status = STATUS_OF_CODE[posting.code]
        if status is Status.BAD_TOKEN:
            raise Refusal(status, posting.code)
        return {
            "username": message.username,
            "money": write_money(posting.balance_after),
            "moneyBefore": write_money(posting.balance_before),
            "status": status,
            "event": self.event,
            "seqNo": message.seq_no,
            "timestamp": milliseconds(posting.posted_at) if posting.posted_at else now_ms(),
        }

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "username": exchange.username,
            "money": NOTHING,
            "moneyBefore": NOTHING,
            "event": self.event,
            "seqNo": exchange.seq_no,
            "timestamp": now_ms(),
        }


def _rule_of(message: Movement) -> MovementType:
    rule = MOVEMENT_TYPES.get(message.type)
    if rule is None:
        note = f"type {message.type} is not known"
        raise Refusal(Status.NOT_AVAILABLE, note, case=Case.UNKNOWN_TYPE)
    return rule


def _conflict(note: str) -> Refusal:
    return Refusal(Status.BAD_PARAMETER, note, case=Case.CONFLICT)


def _note(posting: ledger.Posting, message: Movement, context: Context, exchange: Exchange) -> None:
    """What the inbox keeps of the posting; a repeat raises no case again."""
    if posting.result is ledger.Result.REPLAY:
        exchange.decision, exchange.note = Decision.REPLAYED, posting.code
    elif posting.accepted:
        exchange.decision = Decision.APPLIED
        if posting.balance_after < 0:
            exchange.case = Case.NEGATIVE_BALANCE
        elif context.channel.refund_mode == "ebet" and postings.failed_stakes(message):
            exchange.case = Case.STAKE_FAILED
    else:
        exchange.decision, exchange.note = Decision.REFUSED, posting.code
        exchange.case = CASE_OF_CODE.get(posting.code, exchange.case)
