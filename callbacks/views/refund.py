"""POST /refundSingleWallet and /autoBatchRefund: eBET gives failed bets back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from callbacks import gate, refunds
from callbacks.context import (
    BATCH_SQL,
    REFUND_SQL,
    ChannelContext,
    Context,
    PlayerContext,
    read_context,
)
from callbacks.exchange import Answer, Decision, Exchange
from callbacks.messages import BatchRefund, Refund, RefundMessage
from callbacks.money import NOTHING, write_money
from callbacks.refunds import ItemResult, OtherContent
from callbacks.refusals import Case, Refusal
from callbacks.views.base import EventView, check_currency, now_ms
from providers.ebet.statuses import Status

REFUND_SECONDS = 1.4

R = TypeVar("R", bound=RefundMessage)


class RefundMessageView(EventView[R]):
    """Each bet has its own status; the message as a whole is answered 200."""

    def known(self, message: R, context: Context, exchange: Exchange) -> Answer | None:
        exchange.round_code = _one_round(message)
        *_, first_content, first_answer = context.extra
        if first_content is None:
            return None
        exchange.decision = Decision.REPLAYED
        try:
            return refunds.repeat(first_content, first_answer, content=refunds.content_of(message))
        except OtherContent:
            raise _conflict() from None

    def carry_out(self, message: R, context: Context, exchange: Exchange) -> tuple[Answer, bool]:
        """Refund, inside the transaction that keeps the answer, and say whether that was all."""
        raise NotImplementedError

    def once(self, message: R, context: Context, exchange: Exchange) -> Answer:
        if exchange.elapsed > REFUND_SECONDS:
            raise Refusal(Status.BUSY, "out of time")
        try:
            answer, repeated = refunds.once(
                channel_id=message.channel_id,
                event=self.event,
                seq_no=message.seq_no,
                content=refunds.content_of(message),
                carry_out=lambda: self.carry_out(message, context, exchange),
            )
        except OtherContent:
            raise _conflict() from None
        if repeated:
            exchange.decision = Decision.REPLAYED
        return answer


class RefundView(RefundMessageView[Refund]):
    event = "refundSingleWallet"
    message_type = Refund

    def look_up(self, message: Refund) -> Context | None:
        parameters = {"username": message.username, **_parameters(self.event, message)}
        return read_context(REFUND_SQL, parameters)

    def perform(
        self, message: Refund, player: PlayerContext, context: Context, exchange: Exchange
    ) -> Answer:
        check_currency(message.currency, player)
        return self.once(message, context, exchange)

    def carry_out(
        self, message: Refund, context: Context, exchange: Exchange
    ) -> tuple[Answer, bool]:
        wallet_id, balance, *_ = context.extra
        with gate.at_wallet(wallet_id):
            results, finished = refunds.give_back_all(
                message=message,
                wallet_id=wallet_id,
                balance=balance,
                in_time=lambda: exchange.elapsed < REFUND_SECONDS,
            )
        _note(results, exchange)
        if any(item.username != message.username for item in message.items):
            exchange.case = Case.OTHER_PLAYER
        before = results[0].before if results else balance
        total = sum((result.refunded for result in results), Decimal(0))
        answer: Answer = {
            "seqNo": message.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "username": message.username,
            "status": Status.OK,
            "moneyBefore": write_money(before),
            "moneyAfter": write_money(before + total),
            "refundMoney": write_money(total),
            "resultList": [
                {"refundSeqNo": result.item.seq_no, "status": result.status} for result in results
            ],
        }
        return answer, finished

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "seqNo": exchange.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "username": exchange.username,
            "moneyBefore": NOTHING,
            "moneyAfter": NOTHING,
            "refundMoney": NOTHING,
            "resultList": [],
        }


class BatchRefundView(RefundMessageView[BatchRefund]):
    """Names many players, so there is no player whom the guards could ask for."""

    event = "autoBatchRefund"
    message_type = BatchRefund

    def formulas_for(self, message: BatchRefund, channel: ChannelContext) -> Sequence[str]:
        return channel.batch_refund_signatures

    def look_up(self, message: BatchRefund) -> Context | None:
        return read_context(BATCH_SQL, _parameters(self.event, message))

    def settle(self, message: BatchRefund, context: Context, exchange: Exchange) -> Answer:
        return self.once(message, context, exchange)

    def carry_out(
        self, message: BatchRefund, context: Context, exchange: Exchange
    ) -> tuple[Answer, bool]:
        results, finished = refunds.give_back_batch(
            channel_id=message.channel_id,
            message=message,
            in_time=lambda: exchange.elapsed < REFUND_SECONDS,
        )
        _note(results, exchange)
        answer: Answer = {
            "seqNo": message.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "status": Status.OK,
            "refundResultList": _by_round(results),
        }
        return answer, finished

    def refused(self, exchange: Exchange) -> Answer:
        return {
            "seqNo": exchange.seq_no,
            "event": self.event,
            "timestamp": now_ms(),
            "refundResultList": [],
        }


def _parameters(event: str, message: RefundMessage) -> dict[str, Any]:
    return {"channel": message.channel_id, "event": event, "seq_no": message.seq_no}


def _one_round(message: RefundMessage) -> str:
    """The round that the message is about, if all its bets are of one."""
    codes = {item.round_code for item in message.items}
    return codes.pop() if len(codes) == 1 else ""


def _conflict() -> Refusal:
    return Refusal(Status.BAD_PARAMETER, "the seqNo has other content", case=Case.CONFLICT)


def _note(results: Sequence[ItemResult], exchange: Exchange) -> None:
    if any(result.status is Status.OK for result in results):
        exchange.decision = Decision.APPLIED
    if any(result.status is Status.RECORD_UNKNOWN for result in results):
        exchange.case = Case.SETTLED


def _by_round(results: Sequence[ItemResult]) -> list[Answer]:
    """What a batch answers: per player and round, the bets that are refunded now or were before.

    eBET's table calls a bet's number refundSeqNo and its samples seqNo, so both are sent.
    """
    rounds: dict[tuple[str, str], list[ItemResult]] = {}
    for result in results:
        if result.status in (Status.OK, Status.ALREADY_REFUNDED):
            rounds.setdefault((result.item.username, result.item.round_code), []).append(result)
    return [
        {
            "username": username,
            "roundCode": round_code,
            "refundTotalMoney": write_money(sum((each.refunded for each in done), Decimal(0))),
            "sucRefundSeqNoList": [
                {
                    "seqNo": each.item.seq_no,
                    "refundSeqNo": each.item.seq_no,
                    "status": each.status,
                }
                for each in done
            ],
        }
        for (username, round_code), done in rounds.items()
    ]
