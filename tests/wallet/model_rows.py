"""What the model of the ledger remembers."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from tests.wallet.operations import ZERO, Key


@dataclass
class Entry:
    wallet: int
    kind: str
    requested: Decimal
    amount: Decimal
    before: Decimal
    sequence: int
    round_code: str
    code: str
    tombstone: bool = False
    reverses: Key | None = None
    reversed: bool = False
    failed: bool = False  # a bet that a payout called failed
    remaining: Decimal = ZERO  # of a hold


@dataclass
class Proposal:
    wallet: int
    kind: str
    amount: Decimal
    maker: int
    state: str = "proposed"
    checkers: set[int] = field(default_factory=set)
