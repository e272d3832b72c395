"""Rounds: the entries of one player that belong together.

No row says what a round is. Its first entry stands for it, so a list of rounds is a list of those.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, Max, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform as Text
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.holds import HoldReturn
from wallet.models.ledger import EntryKind, LedgerEntry

_HOLD_NAMED = Coalesce(
    Text("withHoldingSeqNo", "detail"),
    Text("withholdingSeqNo", "detail"),
    Text("seqNo", Text("0", Text("withHoldingList", "detail"))),
)
STAKES = (EntryKind.BET, EntryKind.HOLD)
HOLDING = (EntryKind.HOLD, EntryKind.RELEASE)
PUT_IN = (
    EntryKind.BET,
    EntryKind.TIP,
    EntryKind.FEE,
    EntryKind.FEE_REFUND,
    EntryKind.REFUND,
    EntryKind.REVERSAL,
)
"""Adds up to what the player put into a round, less what was given back."""


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
        """Rounds by how they stand, as ``told`` says it.

        Looks at every round of the range when few are in the state: narrow the range.
        """
        given_back = LedgerEntry.objects.filter(reverses=OuterRef("pk"))
        bet = Q(kind=EntryKind.BET, outcome=LedgerEntry.Outcome.APPLIED)
        # What the first entry alone can rule out is much cheaper than looking at the others.
        possible = {
            RoundState.REFUNDED: ~bet | Exists(given_back),
            RoundState.REFUSED: ~Q(outcome=LedgerEntry.Outcome.APPLIED),
        }
        wanted = self.filter(possible.get(RoundState(state), Q()))
        return wanted.alias(its_state=_state()).filter(its_state=state)

    def told(self) -> RoundQuerySet:
        """With ``state`` and what the round adds up to; ``last`` is when it moved last.

        One without a code is its first entry, with what took that back or returned its hold.
        """
        return self.annotate(
            state=_state(),
            staked=-_sum(*PUT_IN),
            held=-_sum(*HOLDING) - _returned(),
            result=_sum(*EntryKind) + _returned(),
            paid=_sum(*(kind for kind in EntryKind if kind not in (*PUT_IN, *HOLDING))),
            last=Coalesce(_over_applied(Max("posted_at"), models.DateTimeField()), "posted_at"),
        )


def _over_applied(value: Any, field: models.Field[Any, Any], **counts: Any) -> Case:
    """An aggregate over the applied entries of a row's round; NULL where there are none."""

    def over(entries: models.QuerySet[LedgerEntry]) -> Subquery:
        applied = entries.filter(outcome=LedgerEntry.Outcome.APPLIED).values("channel")
        return Subquery(applied.annotate(**counts).annotate(told=value).values("told"))

    alone = LedgerEntry.objects.filter(Q(pk=OuterRef("pk")) | Q(reverses=OuterRef("pk")))
    return Case(
        When(round_code="", then=over(alone)), default=over(_of_same_code()), output_field=field
    )


def _sum(*kinds: EntryKind) -> Coalesce:
    total = Sum("amount", filter=Q(kind__in=kinds), default=Decimal(0))
    return Coalesce(_over_applied(total, MoneyField()), Decimal(0), output_field=MoneyField())


def _returned() -> Case:
    """What came back of a hold without a code, in entries that no code puts into another round."""
    returns = HoldReturn.objects.filter(hold=OuterRef("pk"), entry__round_code="")
    total = returns.values("hold").annotate(total=Sum("amount")).values("total")
    nothing = Value(Decimal(0), output_field=MoneyField())
    return Case(
        When(round_code="", kind=EntryKind.HOLD, then=Coalesce(Subquery(total), nothing)),
        default=nothing,
        output_field=MoneyField(),
    )


def _of_same_code() -> models.QuerySet[LedgerEntry]:
    """The entries of the outer row's round, for a subquery; none for a row without a code."""
    return LedgerEntry.objects.filter(
        channel=OuterRef("channel"),
        round_code=OuterRef("round_code"),
        player=OuterRef("player"),
    ).exclude(round_code="")


def _some(**condition: object) -> Count:
    return Count("pk", filter=Q(**condition))


def _state() -> Coalesce:
    return Coalesce(
        _over_applied(
            Case(
                When(Q(held__gt=0) | Q(live__gt=0, paid=0), then=Value(RoundState.OPEN.value)),
                When(staked__gt=0, live=0, won=0, then=Value(RoundState.REFUNDED.value)),
                default=Value(RoundState.SETTLED.value),
            ),
            models.CharField(),
            live=_some(kind=EntryKind.BET, reversals=None),
            held=_some(hold__remaining__gt=0),
            staked=_some(kind__in=STAKES),
            paid=_some(kind=EntryKind.PAYOUT),
            won=_some(kind=EntryKind.PAYOUT, amount__gt=0),
        ),
        Value(RoundState.REFUSED.value),
    )


class Round(LedgerEntry):
    """A ledger entry as the one that opened a round."""

    objects = RoundQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("round")
        verbose_name_plural = _("rounds")

    def __str__(self) -> str:
        return f"{self.round_code or self.reference} #{self.pk}"
