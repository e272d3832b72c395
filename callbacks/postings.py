"""increaseCredit as one posting: which wallet, which rules, and what the ledger's answer means."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db import transaction

from callbacks.context import ChannelContext, PlayerContext
from callbacks.messages import Movement
from callbacks.movements import (
    PAYOUT,
    REFUND_SOURCE,
    REFUNDABLE_SOURCES,
    MovementType,
    source_of,
)
from callbacks.refusals import Case
from providers.ebet.statuses import Status
from wallet import ledger, players
from wallet.db import fetch_all, fetch_row
from wallet.models import MAIN_TYPE_ID, Channel, EntryKind, Player, WalletType

STATUS_OF_CODE: Mapping[str, Status] = MappingProxyType(
    {
        "": Status.OK,
        "insufficient_funds": Status.INSUFFICIENT_FUNDS,
        "player_inactive": Status.BAD_TOKEN,
        "cancelled": Status.ALREADY_REFUNDED,
        "stake_refunded": Status.ALREADY_REFUNDED,
        "stake_unknown": Status.RECORD_UNKNOWN,
        "refund_awaited": Status.RECORD_UNKNOWN,
        "hold_unknown": Status.RECORD_UNKNOWN,
        "hold_returned": Status.ALREADY_REFUNDED,
        "hold_exceeded": Status.REFUND_MISMATCH,
        "conflict": Status.BAD_PARAMETER,
    }
)
"""What eBET is told when the ledger moved nothing, and why it did not."""

CASE_OF_CODE: Mapping[str, Case] = MappingProxyType(
    {
        "stake_refunded": Case.STAKE_REFUNDED,
        "stake_unknown": Case.STAKE_UNKNOWN,
        "refund_awaited": Case.STAKE_FAILED,
        "hold_unknown": Case.HOLD_UNKNOWN,
        "hold_exceeded": Case.HOLD_EXCEEDED,
        "conflict": Case.CONFLICT,
    }
)
"""Which of those a person must look at."""


def post(
    *, message: Movement, rule: MovementType, channel: ChannelContext, wallet_id: int
) -> ledger.Posting:
    """Move the message's money, once. Raises ledger.Busy.

    In refund mode "self" the bets that a payout calls failed are given back with it, all or
    nothing: before it, so that the balance it answers is the one that the player then has.
    """
    failed = failed_stakes(message)
    if not failed or channel.refund_mode != Channel.RefundMode.SELF:
        return _post(message, rule, channel, wallet_id, failed)
    with transaction.atomic():
        for stake in failed:
            _give_back(message, stake, wallet_id)
        posting = _post(message, rule, channel, wallet_id, failed)
        if posting.result is not ledger.Result.APPLIED:
            transaction.set_rollback(True)
    if posting.result is ledger.Result.REFUSED:
        return _post(message, rule, channel, wallet_id, failed)  # a refusal that stays is kept
    return posting


def failed_stakes(message: Movement) -> tuple[str, ...]:
    """The bets that this message, if it is a payout, reports as failed at eBET."""
    return message.detail.failed if message.type == PAYOUT else ()


def _post(
    message: Movement,
    rule: MovementType,
    channel: ChannelContext,
    wallet_id: int,
    failed: tuple[str, ...],
) -> ledger.Posting:
    detail = message.detail
    holds = detail.holds
    if rule.kind is EntryKind.RELEASE and not holds:
        holds = _holds_of_round(wallet_id, detail.round_code)
    return ledger.post(
        wallet_id=wallet_id,
        kind=rule.kind,
        amount=message.money,
        source=source_of(rule.code),
        reference=message.seq_no,
        round_code=detail.round_code,
        needs_stake=rule.code == PAYOUT and not channel.open_payout,
        stakes=detail.stakes if rule.code == PAYOUT else (),
        failed_stakes=failed,
        refuse_failed_stakes=channel.refund_mode != Channel.RefundMode.EBET,
        holds=holds if rule.kind is EntryKind.RELEASE else (),
        hold_shares=detail.shares if rule.kind is EntryKind.RELEASE else (),
        detail=detail.document,
    )


def _give_back(message: Movement, stake: str, wallet_id: int) -> None:
    ledger.reverse(
        wallet_id=wallet_id,
        targets=REFUNDABLE_SOURCES,
        target_reference=stake,
        target_kind=EntryKind.BET,
        kind=EntryKind.REFUND,
        source=REFUND_SOURCE,
        reference=f"{message.seq_no}/{stake}",
        round_code=message.detail.round_code,
        reason="failed at eBET",
    )


def _holds_of_round(wallet_id: int, round_code: str) -> tuple[str, ...]:
    """The open holds of a round, for a return that does not name any."""
    rows = fetch_all(
        "SELECT e.reference FROM wallet_hold h JOIN wallet_ledgerentry e ON e.id = h.entry_id"
        " WHERE h.wallet_id = %s AND h.remaining > 0 AND e.round_code = %s AND e.round_code <> ''",
        [wallet_id, round_code],
    )
    return tuple(reference for (reference,) in rows)


def wallet_for(
    *,
    message: Movement,
    channel: ChannelContext,
    player: PlayerContext,
    routed_wallet_id: int | None,
) -> int:
    """The wallet that this movement belongs to.

    The game's table type decides, by the channel's routes. A settlement that does not name its
    game goes where its round was played. A wallet that the player does not have yet is opened.
    """
    if channel.has_routes and message.detail.table_type is None and message.detail.round_code:
        row = fetch_row(
            "SELECT wallet_id FROM wallet_ledgerentry WHERE channel_id = %s AND round_code = %s"
            " AND player_id = %s AND outcome = 'applied' ORDER BY id LIMIT 1",
            [channel.id, message.detail.round_code, player.id],
        )
        if row:
            return int(row[0])
    return routed_wallet_id or _open_wallet(message, channel, player)


def _open_wallet(message: Movement, channel: ChannelContext, player: PlayerContext) -> int:
    routes = Channel.objects.values_list("wallet_routes", flat=True).get(pk=channel.id)
    type_id = routes.get(str(message.detail.table_type), MAIN_TYPE_ID)
    wallet = players.open_wallet(
        player=Player.objects.get(pk=player.id), wallet_type=WalletType.objects.get(pk=type_id)
    )
    return wallet.pk
