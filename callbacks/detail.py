"""The `detail` of increaseCredit: loose, unsigned, different for every game.

It can lack any member, and eBET has written numbers as strings and strings as null in it. What
ties movements together (round and seqNos) is read, what is odd is passed over: a payout must not
fail because a game describes itself strangely. Nothing here decides how much money moves.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from callbacks.members import SEQ_NO_LENGTH, Members, bad_parameter, bad_type
from callbacks.parsing import Number, write_json

ROUND_CODE_LENGTH = 128

_SHARE = re.compile(r"[0-9]{1,16}(\.[0-9]{1,4})?")
_TABLE_TYPE = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True)
class Detail:
    """What a movement belongs to.

    `stakes` are the bets that a payout names, `failed` those among them that eBET calls failed
    (betMoney 0), `holds` the holds (type 27) that a return (11, 28) gives back, with the `shares`
    of each if every one states its refund. `document` is the whole detail as JSON text, for the
    ledger.
    """

    round_code: str
    table_type: int | None
    stakes: tuple[str, ...]
    failed: tuple[str, ...]
    holds: tuple[str, ...]
    shares: tuple[Decimal, ...]
    document: str

    @classmethod
    def read(cls, members: Members) -> Self:
        """Raises Refusal when `detail` is given and neither an object nor a list of one."""
        detail = members.optional_object("detail")
        bets = [*_objects(detail, "betList"), *_objects(detail, "modifyBetList")]
        named = [detail.get("withHoldingSeqNo"), detail.get("withholdingSeqNo")]
        withheld = _objects(detail, "withHoldingList")
        listed = [hold.get("seqNo") for hold in withheld]
        holds = _seq_nos([*named, *listed])
        unpaid = _seq_nos(bet.get("seqNo") for bet in bets if _is_zero(bet.get("betMoney")))
        return cls(
            round_code=_round_code(detail.get("roundCode")),
            table_type=_table_type(detail.get("tableType")),
            stakes=_seq_nos(bet.get("seqNo") for bet in bets),
            # Some games write betMoney 0 because the stake stands in withHoldingList.
            failed=tuple(seq_no for seq_no in unpaid if seq_no not in listed),
            holds=holds,
            shares=_shares(holds, withheld),
            document=write_json(detail),
        )


def _objects(detail: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    items = detail.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _seq_nos(values: Iterable[Any]) -> tuple[str, ...]:
    """Each distinct seqNo once, in order."""
    return tuple(
        dict.fromkeys(
            value for value in values if isinstance(value, str) and 0 < len(value) <= SEQ_NO_LENGTH
        )
    )


def _shares(holds: tuple[str, ...], withheld: list[dict[str, Any]]) -> tuple[Decimal, ...]:
    """How much of each hold comes back; nothing unless the list says so of every one."""
    refunds: dict[str, Decimal] = {}
    for hold in withheld:
        seq_no, refund = hold.get("seqNo"), hold.get("refund")
        token = refund.token if isinstance(refund, Number) else refund
        if not isinstance(seq_no, str) or not isinstance(token, str) or not _SHARE.fullmatch(token):
            return ()
        refunds[seq_no] = refunds.get(seq_no, Decimal(0)) + Decimal(token)
    return tuple(refunds[hold] for hold in holds) if refunds.keys() == set(holds) else ()


def _round_code(value: Any) -> str:
    """The round, or "" for what belongs to none (bonuses, tournaments)."""
    if value is None:
        return ""
    if isinstance(value, Number):
        value = value.token
    if not isinstance(value, str):
        raise bad_type("roundCode")
    if len(value) > ROUND_CODE_LENGTH:
        raise bad_parameter("roundCode")
    return value


def _table_type(value: Any) -> int | None:
    token = value.integral if isinstance(value, Number) else value
    return int(token) if isinstance(token, str) and _TABLE_TYPE.fullmatch(token) else None


def _is_zero(value: Any) -> bool:
    token = value.token if isinstance(value, Number) else value
    return isinstance(token, str) and token != "" and not token.strip("-0.")
