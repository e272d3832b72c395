"""The figures of finance: which movements each of them adds up, and seen from which side.

A movement that takes another back counts where the other one did, so that gross revenue is what
the house account of eBET's clearing moved by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wallet.models import EntryKind, LedgerEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Figure:
    """``sign`` is −1 where the house's gain is shown as positive.

    Movements of ``kinds`` count, and whatever took back one of ``taken_back``.
    """

    name: str
    title: StrPromise
    kinds: tuple[EntryKind, ...]
    taken_back: tuple[EntryKind, ...]
    sign: int = 1

    def condition(self, *, kind: str = "kind", reversed_kind: str = "reversed_kind") -> Q:
        """The movements of the figure; the arguments are the lookup paths to both kinds."""
        own = Q(**{f"{kind}__in": self.kinds})
        return own | Q(**{f"{reversed_kind}__in": self.taken_back}) if self.taken_back else own

    @property
    def entries(self) -> Q:
        """The ledger's entries that the figure adds up."""
        return self.condition(reversed_kind="reverses__kind") & Q(
            outcome=LedgerEntry.Outcome.APPLIED
        )


_STAKES: Final = (EntryKind.BET, EntryKind.FEE)
_PAYOUTS: Final = (EntryKind.PAYOUT, EntryKind.CORRECTION)
_BONUSES: Final = (EntryKind.BONUS, EntryKind.PRIZE, EntryKind.CLAWBACK)

STAKES: Final = Figure("stakes", _("stakes"), _STAKES, (), sign=-1)
REFUNDS: Final = Figure(
    "refunds", _("refunds"), (EntryKind.FEE_REFUND,), (*_STAKES, EntryKind.FEE_REFUND)
)
PAYOUTS: Final = Figure("payouts", _("payouts"), _PAYOUTS, _PAYOUTS)
REVENUE: Final = Figure(
    "revenue",
    _("gross revenue"),
    (*STAKES.kinds, *REFUNDS.kinds, *PAYOUTS.kinds),
    (*REFUNDS.taken_back, *PAYOUTS.taken_back),
    sign=-1,
)
BONUSES: Final = Figure("bonuses", _("bonuses"), _BONUSES, _BONUSES)
ADJUSTMENTS: Final = Figure(
    "adjustments", _("adjustments"), (EntryKind.ADJUSTMENT,), (EntryKind.ADJUSTMENT,)
)
FIGURES: Final[Mapping[str, Figure]] = MappingProxyType(
    {figure.name: figure for figure in (STAKES, REFUNDS, PAYOUTS, REVENUE, BONUSES, ADJUSTMENTS)}
)
