"""What became of movements: the records that queryIncreaseCreditRecord answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from callbacks.postings import STATUS_OF_CODE
from providers.ebet.statuses import Status
from wallet.db import fetch_all

# A tombstone is no record: the movement that it stands for never came.
_SELECT = """
    SELECT e.reference, substr(e.source, 6)::integer, e.round_code, e.code,
           e.requested, e.balance_after - e.amount, e.balance_after, e.posted_at, r.id IS NOT NULL
      FROM wallet_ledgerentry e LEFT JOIN wallet_ledgerentry r ON r.reverses_id = e.id
     WHERE e.channel_id = %(channel)s AND e.player_id = %(player)s AND e.outcome <> 'tombstone'
       AND e.source ~ '^ebet:[0-9]+$' AND """

_BY_SEQ_NO = (
    _SELECT + "e.reference = ANY (%(wanted)s::text[])"
    " ORDER BY array_position(%(wanted)s::text[], e.reference::text), e.id"
)
_BY_ROUND = _SELECT + "e.round_code = %(round)s ORDER BY e.id"


@dataclass(frozen=True, slots=True)
class CreditRecord:
    """One movement as eBET asked for it: `money` is signed, whether or not it was done."""

    seq_no: str
    type: int
    round_code: str
    code: str
    money: Decimal
    before: Decimal
    after: Decimal
    posted_at: datetime
    refunded: bool

    @property
    def status(self) -> Status:
        """200 done, 209 given back since, else why it was not done."""
        return Status.ALREADY_REFUNDED if self.refunded else STATUS_OF_CODE[self.code]


def find(
    *, channel_id: int, player_id: int, wanted: Sequence[str], round_code: str
) -> list[CreditRecord]:
    """The player's movements under these seqNos, in their order, or else of the whole round."""
    parameters = {
        "channel": channel_id,
        "player": player_id,
        "wanted": list(wanted),
        "round": round_code,
    }
    return [
        CreditRecord(*row) for row in fetch_all(_BY_SEQ_NO if wanted else _BY_ROUND, parameters)
    ]
