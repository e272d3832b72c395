"""What each `type` of increaseCredit does.

The sign of `money` is fixed by the type. Only what a player stakes or spends (`spends`) can be
refused for want of money, status or session; everything else settles something that has already
happened at eBET and is applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from wallet.models import EntryKind

BET = 1
PAYOUT = 2
HOLD = 27

NEGATIVE, EITHER, POSITIVE = -1, 0, 1


@dataclass(frozen=True, slots=True)
class MovementType:
    """One row: the ledger's kind, the sign of `money`, whether it may be 0.00, who may refuse."""

    code: int
    kind: EntryKind
    sign: int
    zero: bool = False
    spends: bool = False

    def allows(self, money: Decimal) -> bool:
        if money == 0:
            return self.zero
        return self.sign == EITHER or (money > 0) == (self.sign == POSITIVE)


_ROWS = (
    MovementType(BET, EntryKind.BET, NEGATIVE, spends=True),
    MovementType(PAYOUT, EntryKind.PAYOUT, POSITIVE, zero=True),  # 0.00: the round was lost
    MovementType(3, EntryKind.TIP, NEGATIVE, spends=True),
    MovementType(6, EntryKind.BONUS, POSITIVE),  # betting reward, only in old data
    MovementType(8, EntryKind.FEE, NEGATIVE, spends=True),  # tournament
    MovementType(9, EntryKind.FEE_REFUND, POSITIVE),
    MovementType(11, EntryKind.RELEASE, POSITIVE),  # the bet after a hold failed
    MovementType(14, EntryKind.PRIZE, POSITIVE),  # tournament
    MovementType(15, EntryKind.CLAWBACK, NEGATIVE),  # the prize taken back, even below zero
    MovementType(23, EntryKind.BONUS, POSITIVE),  # lucky red envelope
    MovementType(24, EntryKind.BONUS, POSITIVE),  # limited red envelope
    MovementType(HOLD, EntryKind.HOLD, NEGATIVE, spends=True),
    MovementType(28, EntryKind.RELEASE, POSITIVE),  # what is left of a hold
    MovementType(37, EntryKind.CORRECTION, EITHER, zero=True),  # new payout less the old one
    MovementType(38, EntryKind.BONUS, POSITIVE),  # event bonus: belongs to no round
)

MOVEMENT_TYPES: Mapping[int, MovementType] = MappingProxyType({row.code: row for row in _ROWS})
"""Every type that eBET documents. Any other is answered 4029 and moves nothing."""

SOURCE_PREFIX = "ebet:"


def source_of(code: int) -> str:
    """Where the ledger files a movement of this type: seqNo is unique per type only."""
    return f"{SOURCE_PREFIX}{code}"


REFUND_SOURCE = f"{SOURCE_PREFIX}refund"
"""Where the ledger files what is given back: by refund message and bet."""

REFUNDABLE_SOURCES = tuple(source_of(row.code) for row in _ROWS if row.spends)
"""What a refund may mean, bets first: a refund that comes before its bet is kept for that."""
