"""The only writer of money.

Each function here is one call of one PL/pgSQL function (wallet/sql), which locks the wallet, looks
the idempotency key up, decides and writes. Call them in autocommit: one round trip and no
transaction to keep open. Amounts are in the wallet's currency, at most four decimals, signed from
the player's side.

What a business partner may do is answered, never raised: see Posting. What raises is a caller's
mistake (LedgerError) or a database that cannot be had (django.db.OperationalError).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError, IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg.types.json import Jsonb

from wallet.db import fetch_all, fetch_row
from wallet.models import EntryKind


class LedgerError(Exception):
    """A request that no ledger may accept: the caller is at fault and nothing was written."""


class UnknownWallet(LedgerError):
    """There is no such wallet."""


class RuleBroken(LedgerError):
    """The kind, its sign, the decimals or the reference are not what the entry rules allow."""


class Busy(LedgerError):
    """Others held the wallet too long, or crosswise; nothing was written, send it again."""


class ImmutableEntry(LedgerError):
    """Entries, returns, seals and decisions are written once."""


class BalanceNeedsEntry(LedgerError):
    """A balance moves only with its entry."""


class BelowFloor(LedgerError):
    """The movement would take the wallet below zero."""


class BrokenChain(LedgerError):
    """The entry does not continue its wallet: sequence, balance, currency or account differ."""


class DuplicateEntry(LedgerError):
    """The key, the sequence number or the reversal exists already."""


_ERRORS: dict[str, type[LedgerError]] = {
    "ledger_unknown_wallet": UnknownWallet,
    "ledger_entry_rule": RuleBroken,
    "ledger_transfer_rule": RuleBroken,
    "ledger_entry_outcome": RuleBroken,
    "ledger_immutable": ImmutableEntry,
    "ledger_balance_needs_entry": BalanceNeedsEntry,
    "ledger_entry_floor": BelowFloor,
    "ledger_entry_continues_wallet": BrokenChain,
    "wallet_of_player": BrokenChain,
    "wallet_held_floor": BelowFloor,
    "hold_remaining": BelowFloor,
    "ledger_entry_key": DuplicateEntry,
    "ledger_entry_sequence": DuplicateEntry,
    "ledger_entry_one_reversal": DuplicateEntry,
}


def named_error(error: DatabaseError) -> Exception:
    """What a refusal of the database means here; the error itself where it has no name."""
    cause = error.__cause__
    if isinstance(cause, LockNotAvailable | DeadlockDetected | QueryCanceled):
        return Busy("The wallet is busy; nothing was written. Send the request again.")
    diagnosis = getattr(cause, "diag", None)
    named = _ERRORS.get(getattr(diagnosis, "constraint_name", None) or "")
    return named(str(error)) if named else error


class Result(StrEnum):
    APPLIED = "applied"
    REPLAY = "replay"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Posting:
    """The ledger's answer. ``code`` is empty when the money moved, now or when first asked.

    On a replay everything but ``result`` is the first answer's. ``entry_id`` is None when the
    refusal was not recorded, so that the same request may succeed later.
    """

    result: Result
    code: str
    entry_id: int | None
    balance_before: Decimal
    balance_after: Decimal
    sequence: int | None
    posted_at: datetime | None

    @property
    def accepted(self) -> bool:
        return not self.code


@dataclass(frozen=True, slots=True)
class Movement:
    """One item of post_batch; the fields are those of post."""

    wallet: int
    kind: EntryKind
    amount: Decimal
    source: str
    reference: str
    round_code: str = ""
    reason: str = ""
    actor: int | None = None
    detail: dict[str, Any] | None = None
    occurred_at: datetime | None = None
    holds: Sequence[str] = ()


_REQUIRED = "%s::bigint, %s::text, %s::numeric, %s::text, %s::text"


def post(
    *,
    wallet_id: int,
    kind: EntryKind,
    amount: Decimal,
    source: str,
    reference: str,
    round_code: str = "",
    needs_stake: bool = False,
    stakes: Sequence[str] = (),
    failed_stakes: Sequence[str] = (),
    refuse_failed_stakes: bool = False,
    holds: Sequence[str] = (),
    hold_shares: Sequence[Decimal] = (),
    actor_id: int | None = None,
    reason: str = "",
    detail: dict[str, Any] | str | None = None,
    occurred_at: datetime | None = None,
) -> Posting:
    """Move ``amount`` once, whoever asks how often.

    ``source`` and ``reference`` are the idempotency key within the channel. A repeat with the same
    player, kind, amount, currency and round is a replay; with other content it is a conflict.
    Refusals for funds, status and refunded bets are recorded and stay; the others are not.

    ``needs_stake``: refuse a payout unless the player has a bet in ``round_code`` or under
    ``stakes`` (references); its ``failed_stakes`` are marked as failed at the provider, and with
    ``refuse_failed_stakes`` it waits until they were refunded. ``holds``: the references
    of the holds that a release returns, with ``hold_shares`` of each where they are known and add
    up; else the oldest first.

    Codes: insufficient_funds, player_inactive, stake_refunded, cancelled (recorded);
    stake_unknown, refund_awaited, hold_unknown, hold_returned, hold_exceeded (not recorded);
    conflict.
    Raises UnknownWallet, RuleBroken, Busy.
    """
    optional = (
        ("p_round => %s::text", round_code),
        ("p_needs_stake => %s", needs_stake),
        ("p_stakes => %s::text[]", list(stakes)),
        ("p_failed => %s::text[]", list(failed_stakes)),
        ("p_refuse_failed => %s", refuse_failed_stakes),
        ("p_holds => %s::text[]", list(holds)),
        ("p_actor => %s::integer", actor_id),
        ("p_reason => %s::text", reason),
        ("p_detail => %s", _jsonb(detail)),
        ("p_occurred_at => %s::timestamptz", occurred_at),
        ("p_shares => %s::numeric[]", list(hold_shares)),
    )
    # What is empty is the function's default; sending it all the same costs a tenth of the time.
    given = [(parameter, value) for parameter, value in optional if value]
    parameters = ", ".join([_REQUIRED, *(parameter for parameter, _ in given)])
    return _ask(
        f"SELECT * FROM ledger_post({parameters})",  # noqa: S608  no input
        (wallet_id, kind, _money(amount), source, reference, *(value for _, value in given)),
    )


def reverse(
    *,
    wallet_id: int,
    targets: Sequence[str],
    target_reference: str,
    target_kind: EntryKind,
    kind: EntryKind,
    source: str,
    reference: str,
    expected: Decimal | None = None,
    unless_settled: bool = False,
    round_code: str = "",
    actor_id: int | None = None,
    reason: str = "",
    detail: dict[str, Any] | str | None = None,
    occurred_at: datetime | None = None,
) -> Posting:
    """Take back, in full and once, what ``target_reference`` names under one of ``targets``.

    An original that is not here yet is cancelled in advance: a tombstone stands under
    ``targets[0]``, and a late original is refused. ``expected`` is the original's amount as the
    caller believes it. With ``unless_settled`` a bet whose round has a payout stays, unless that
    payout called it failed. A hold that is whole is released. Only what was taken can be refunded.

    Codes: unknown_reference, target_refused, not_reversible, already_reversed, amount_differs,
    settled; conflict. Raises UnknownWallet, Busy.
    """
    params = (
        wallet_id,
        list(targets),
        target_reference,
        target_kind,
        kind,
        source,
        reference,
        None if expected is None else _money(expected),
        unless_settled,
        round_code,
        actor_id,
        reason,
        _jsonb(detail),
        occurred_at,
    )
    return _ask(
        "SELECT * FROM ledger_reverse(%s::bigint, %s::text[], %s::text, %s::text, %s::text,"
        " %s::text, %s::text, %s::numeric, %s, %s::text, %s::integer, %s::text, %s,"
        " %s::timestamptz)",
        params,
    )


def transfer(
    *,
    from_wallet_id: int,
    to_wallet_id: int,
    amount: Decimal,
    reference: str,
    actor_id: int | None = None,
    reason: str = "",
) -> Posting:
    """Move a positive amount between two wallets of one player, both sides or neither.

    Answers for the paying wallet. Codes: insufficient_funds, conflict. Raises UnknownWallet,
    RuleBroken, Busy.
    """
    return _ask(
        "SELECT * FROM ledger_transfer(%s::bigint, %s::bigint, %s::numeric, %s::text, %s::integer,"
        " %s::text)",
        (from_wallet_id, to_wallet_id, _money(amount), reference, actor_id, reason),
    )


def post_batch(*, movements: Iterable[Movement]) -> list[Posting | LedgerError]:
    """Post many movements in one call; an answer, or the item's own error, for each in order.

    Wallets are locked in id order and every item has its own savepoint. Raises Busy.
    """
    items = [
        {name: getattr(movement, name) for name in Movement.__slots__} for movement in movements
    ]
    try:
        rows = fetch_all(
            "SELECT error, (answer).result, (answer).code, (answer).entry_id,"
            " (answer).balance_before, (answer).balance_after, (answer).sequence,"
            " (answer).posted_at FROM ledger_post_batch(%s) ORDER BY item",
            [_jsonb(items)],
        )
    except (IntegrityError, OperationalError) as error:
        raise named_error(error) from error
    return [
        _ERRORS.get(error, RuleBroken)(f"refused by {error}")
        if error
        else Posting(Result(answer[0]), *answer[1:])
        for error, *answer in rows
    ]


def _ask(sql: str, params: Sequence[Any]) -> Posting:
    try:
        row = fetch_row(sql, params)
    except (IntegrityError, OperationalError) as error:
        raise named_error(error) from error
    if row is None:
        raise LedgerError("The posting function gave no answer.")
    entry_id, result, code, before, after, sequence, posted_at = row
    return Posting(Result(result), code, entry_id, before, after, sequence, posted_at)


def _money(amount: Decimal) -> Decimal:
    if not isinstance(amount, Decimal):
        raise RuleBroken(f"An amount is a Decimal, not {type(amount).__name__}.")
    return amount


_encode = DjangoJSONEncoder(ensure_ascii=False).encode


def _jsonb(value: Any) -> Jsonb | None:
    """A document for the database; a string is JSON text already, whose numbers stay as written."""
    if isinstance(value, str):
        return Jsonb(value, dumps=str)
    return None if value is None else Jsonb(value, dumps=_encode)
