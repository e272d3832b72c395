"""Giving failed bets back: item by item, once, and the same answer to the same message."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from django.db import OperationalError, transaction

from callbacks import gate
from callbacks.exchange import Answer
from callbacks.messages import BatchRefund, Refund, RefundItem, RefundMessage
from callbacks.models import RefundRequest
from callbacks.movements import REFUND_SOURCE, REFUNDABLE_SOURCES
from callbacks.parsing import parse_object, write_json
from providers.ebet.statuses import Status
from wallet import ledger
from wallet.db import fetch_all, fetch_row
from wallet.models import EntryKind

logger = logging.getLogger(__name__)

STATEMENT_TIMEOUT = "1000ms"

ITEM_STATUS: Mapping[str, Status] = MappingProxyType(
    {
        "": Status.OK,
        "unknown_reference": Status.SEQ_UNKNOWN,
        "target_refused": Status.SEQ_UNKNOWN,
        "amount_differs": Status.REFUND_MISMATCH,
        "conflict": Status.REFUND_MISMATCH,
        "settled": Status.RECORD_UNKNOWN,
        "not_reversible": Status.RECORD_UNKNOWN,
        "already_reversed": Status.ALREADY_REFUNDED,
    }
)
"""What eBET is told of one bet of a refund message."""


class OtherContent(Exception):
    """The message's seqNo was used by a refund of other bets."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """What became of one bet, with the wallet's balances around it."""

    item: RefundItem
    status: Status
    before: Decimal
    after: Decimal

    @property
    def refunded(self) -> Decimal:
        """What moved to the player now."""
        return self.item.money if self.status is Status.OK else Decimal(0)


def once(
    *,
    channel_id: int,
    event: str,
    seq_no: str,
    content: bytes,
    carry_out: Callable[[], tuple[Answer, bool]],
) -> tuple[Answer, bool]:
    """Carry a refund message out, or give its first answer again (True).

    `carry_out` says besides its answer whether it finished. What an unfinished one has refunded
    stays, its answer does not: eBET sends the message again, and the rest follows. A copy that
    arrives meanwhile waits for the first. Raises OtherContent, ledger.Busy.
    """
    with transaction.atomic():
        fetch_row("SELECT set_config('statement_timeout', %s, true)", [STATEMENT_TIMEOUT])
        row = fetch_row(
            "INSERT INTO callbacks_refundrequest"
            " (channel_number, event, seq_no, fingerprint, answer, created_at)"
            " VALUES (%s, %s, %s, %s, '', now()) ON CONFLICT DO NOTHING RETURNING id",
            [channel_id, event, seq_no, content],
        )
        if row is None:
            first = RefundRequest.objects.get(channel_number=channel_id, event=event, seq_no=seq_no)
            return repeat(first.fingerprint, first.answer, content=content), True
        answer, finished = carry_out()
        request = RefundRequest.objects.filter(pk=row[0])
        if finished:
            request.update(answer=write_json(answer))
        else:
            request.delete()
    if not finished:
        raise ledger.Busy("Some bets of this message are still to be refunded: send it again.")
    return answer, False


def repeat(first_content: bytes | memoryview, first_answer: str, *, content: bytes) -> Answer:
    """The first answer to this message again. Raises OtherContent."""
    if bytes(first_content) != content:
        raise OtherContent
    return {**parse_object(first_answer.encode()), "status": Status.OK}


def content_of(message: RefundMessage) -> bytes:
    """A digest of what two refund messages must share to be the same message."""
    parts = [getattr(message, "username", ""), message.currency]
    for item in message.items:
        parts += [item.seq_no, item.username, item.round_code, str(item.money.normalize())]
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def give_back_all(
    *, message: Refund, wallet_id: int, balance: Decimal, in_time: Callable[[], bool]
) -> tuple[list[ItemResult], bool]:
    """Refund one player's bets, and say whether every one had its turn. Raises ledger.Busy.

    Wallets are taken in the order of their ids, so that two messages cannot block one another.
    """
    wallets = {message.username: wallet_id, **_wallets_of_others(message)}
    wanted = [
        (wallets.get(item.username, wallet_id), position, item)
        for position, item in enumerate(message.items)
    ]
    seen: set[str] = set()
    results: dict[int, ItemResult] = {}
    for wallet, position, item in sorted(wanted, key=lambda entry: entry[:2]):
        if not in_time():
            break
        if item.username == message.username:
            results[position] = give_back(
                item=item, seq_no=message.seq_no, wallet_id=wallet, seen=seen
            )
        else:
            _remember(item, message.seq_no, wallet)
            results[position] = ItemResult(item, Status.SEQ_UNKNOWN, balance, balance)
    return [results[position] for position in sorted(results)], len(results) == len(wanted)


def _wallets_of_others(message: Refund) -> dict[str, int]:
    """The main wallets of those of our players whom the message names beside its own."""
    names = {item.username for item in message.items} - {message.username}
    if not names:
        return {}
    rows = fetch_all(
        "SELECT p.username, w.id FROM wallet_player p"
        " JOIN wallet_wallet w ON w.player_id = p.id AND w.type_id = 0"
        " WHERE p.channel_id = %s AND p.username = ANY (%s)",
        [message.channel_id, list(names)],
    )
    return dict(rows)


def _remember(item: RefundItem, seq_no: str, wallet_id: int) -> None:
    """Keep somebody else's bet from coming late, now that it is answered to be unknown.

    One that is here already, or came meanwhile, stays as it is: this message cannot speak for its
    player.
    """
    with transaction.atomic():
        result = give_back(item=item, seq_no=seq_no, wallet_id=wallet_id, seen=set())
        if result.status is Status.OK:
            transaction.set_rollback(True)


def give_back(*, item: RefundItem, seq_no: str, wallet_id: int, seen: set[str]) -> ItemResult:
    """Refund one bet of the wallet's player, under the message `seq_no`. Raises ledger.Busy.

    A bet that is not here is remembered: should it still come, it is refused. `seen` are the bets
    that the message has named before: naming one twice refunds it once.
    """
    posting = ledger.reverse(
        wallet_id=wallet_id,
        targets=REFUNDABLE_SOURCES,
        target_reference=item.seq_no,
        target_kind=EntryKind.BET,
        kind=EntryKind.REFUND,
        source=REFUND_SOURCE,
        reference=f"{seq_no}/{item.seq_no}",
        expected=-item.money,
        unless_settled=True,
        round_code=item.round_code,
    )
    status = ITEM_STATUS[posting.code]
    if posting.result is ledger.Result.REPLAY and item.seq_no in seen:
        status = Status.ALREADY_REFUNDED
    seen.add(item.seq_no)
    return ItemResult(item, status, posting.balance_before, posting.balance_after)


def give_back_batch(
    *, channel_id: int, message: BatchRefund, in_time: Callable[[], bool]
) -> tuple[list[ItemResult], bool]:
    """Refund the bets of many players, each on its own, and say whether every one had its turn.

    What fails is left out of the results; what is busy, or out of time, waits for the resend.
    Wallets are taken in the order of their ids, so that two batches cannot block one another.
    """
    rows = fetch_all(
        "SELECT p.username, p.currency, w.id FROM wallet_player p"
        " JOIN wallet_wallet w ON w.player_id = p.id AND w.type_id = 0"
        " WHERE p.channel_id = %s AND p.username = ANY (%s)",
        [channel_id, [item.username for item in message.items]],
    )
    wallets = {username: (currency, wallet_id) for username, currency, wallet_id in rows}
    wanted = [
        (wallets[item.username][1], position, item)
        for position, item in enumerate(message.items)
        if item.username in wallets
        and message.currency in ("", wallets[item.username][0])
        and (message.threshold is None or item.money <= message.threshold)
    ]
    results: dict[int, ItemResult] = {}
    finished, seen = True, set[str]()
    for wallet_id, position, item in sorted(wanted, key=lambda entry: entry[:2]):
        if not in_time():
            finished = False
            break
        try:
            with gate.at_wallet(wallet_id), transaction.atomic():
                results[position] = give_back(
                    item=item, seq_no=message.seq_no, wallet_id=wallet_id, seen=seen
                )
        except (ledger.Busy, OperationalError):
            finished = False
            logger.warning("A refund of a batch waits: %s", item.seq_no)
    return [results[position] for position in sorted(results)], finished
