"""Two books compared, record by record. Knows no provider and no database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Difference(StrEnum):
    """MISSING is with the provider only, EXTRA with us only, DIFFERENT with both."""

    MISSING = "missing"
    EXTRA = "extra"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one side knows of one key.

    ``done`` is whether money moved, or None while that is open. ``amount`` and ``player`` are
    compared where both sides name them. ``says`` is the side's own word for the outcome.
    """

    key: str
    done: bool | None
    player: str = ""
    amount: Decimal | None = None
    at: datetime | None = None
    says: str = ""
    entry_id: int | None = None

    def as_json(self) -> dict[str, Any]:
        """How it is kept with a difference; amounts are text, exact to the last decimal."""
        return {
            "done": self.done,
            "player": self.player,
            "amount": None if self.amount is None else str(self.amount),
            "at": self.at.isoformat() if self.at else None,
            "says": self.says,
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; ``differing`` names what is not the same: status, amount, player."""

    difference: Difference
    key: str
    ours: Record | None
    theirs: Record | None
    differing: tuple[str, ...] = ()


def compare(
    *,
    ours: Mapping[str, Record],
    theirs: Mapping[str, Record],
    of_ours: AbstractSet[str],
    of_theirs: AbstractSet[str],
) -> Iterator[Finding]:
    """Every difference of a period.

    ``of_ours`` and ``of_theirs`` are the keys that belong to it; the books themselves may reach
    further, as clocks differ and the other side's record may stand in the neighbouring period.
    """
    for key, their in theirs.items():
        our = ours.get(key)
        if our is None:
            if key in of_theirs and their.done is not False:
                yield Finding(Difference.MISSING, key, None, their)
        elif (key in of_theirs or key in of_ours) and (differing := _differing(our, their)):
            yield Finding(Difference.DIFFERENT, key, our, their, differing)
    for key in ours:
        if key in of_ours and key not in theirs and ours[key].done is not False:
            yield Finding(Difference.EXTRA, key, ours[key], None)


def _differing(our: Record, their: Record) -> tuple[str, ...]:
    found = []
    if our.done is not their.done:
        found.append("status")
    if None not in (our.amount, their.amount) and our.amount != their.amount:
        found.append("amount")
    if our.player and their.player and our.player != their.player:
        found.append("player")
    return tuple(found)
