"""Rounds: the entries of one player that belong together.

No row says what a round is. Its first entry stands for it, so a list of rounds is a list of those.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform as Text
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from wallet.models.ledger import EntryKind, LedgerEntry

_HOLD_NAMED = Coalesce(
    Text("withHoldingSeqNo", "detail"),
    Text("withholdingSeqNo", "detail"),
    Text("seqNo", Text("0", Text("withHoldingList", "detail"))),
)
STAKES = (EntryKind.BET, EntryKind.HOLD)


class RoundState(models.TextChoices):
    """Open while a bet waits for its payout or a hold for its return."""

    OPEN = "open", _("open")
    SETTLED = "settled", _("settled")
    REFUNDED = "refunded", _("refunded")
    REFUSED = "refused", _("refused")


class RoundQuerySet(models.QuerySet["Round"]):
    def openings(self) -> RoundQuerySet:
        """The first entry of each round.

        Of entries with a round code that is the player's first one with it; of those without,
        each hold and each bet. A bet that names a hold without a code continues the hold's round.
        """
        earlier = _of_same_code().filter(pk__lt=OuterRef("pk"))
        hold = LedgerEntry.objects.filter(
            channel=OuterRef("channel"),
            reference=OuterRef("hold_named"),
            player=OuterRef("player"),
            kind=EntryKind.HOLD,
            round_code="",
        )
        return self.alias(hold_named=_HOLD_NAMED).filter(
            ~Q(round_code="") & ~Exists(earlier) | Q(round_code="", kind__in=STAKES),
            ~(Q(kind=EntryKind.BET) & Exists(hold)),
        )

    def in_state(self, state: str) -> RoundQuerySet:
        """Rounds by how they stand. One without a code is judged by its first entry alone."""
        mine = _of_same_code().filter(outcome=LedgerEntry.Outcome.APPLIED)
        alone = LedgerEntry.objects.filter(pk=OuterRef("pk"), outcome=LedgerEntry.Outcome.APPLIED)

        def some(**condition: object) -> Q:
            return Q(Exists(mine.filter(**condition))) | Q(
                Exists(alone.filter(**condition)), round_code=""
            )

        live = some(kind=EntryKind.BET, reversals=None)
        is_open = some(hold__remaining__gt=0) | live & ~some(kind=EntryKind.PAYOUT)
        won = some(kind=EntryKind.PAYOUT, amount__gt=0)
        is_refunded = ~is_open & some(kind__in=STAKES) & ~live & ~won
        conditions = {
            RoundState.OPEN: is_open,
            RoundState.REFUNDED: is_refunded,
            RoundState.REFUSED: ~some(),
            RoundState.SETTLED: some() & ~is_open & ~is_refunded,
        }
        return self.filter(conditions[RoundState(state)])


def _of_same_code() -> models.QuerySet[LedgerEntry]:
    """The entries of the outer row's round, for a subquery; none for a row without a code."""
    return LedgerEntry.objects.filter(
        channel=OuterRef("channel"),
        round_code=OuterRef("round_code"),
        player=OuterRef("player"),
    ).exclude(round_code="")


class Round(LedgerEntry):
    """A ledger entry as the one that opened a round."""

    objects = RoundQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
