"""Manual movements of money: proposed by one person, posted when others have approved.

Whoever calls has checked that the staff member may do this and sees the wallet's channel.
"""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from wallet import ledger
from wallet.models import (
    Adjustment,
    AdjustmentDecision,
    ApprovalLimit,
    EntryKind,
    EntryRule,
    Wallet,
)

SOURCE = "adjustment"
APPROVERS_ABOVE_LIMIT = 2


class AdjustmentError(Exception):
    """The proposal or decision is refused; nothing changed."""


class BadAmount(AdjustmentError):
    """The amount is zero, has too many decimals or the wrong sign for its kind."""


class ReasonMissing(AdjustmentError):
    """A proposal without a reason."""


class OwnAdjustment(AdjustmentError):
    """Nobody decides an adjustment of their own, whatever their role."""


class AlreadyDecided(AdjustmentError):
    """The adjustment was posted, rejected or refused before, or this person has decided it."""


def propose(
    *,
    wallet: Wallet,
    kind: str,
    amount: Decimal,
    reason: str,
    maker: User,
    attachment: File[bytes] | None = None,
) -> Adjustment:
    """Ask for a movement; ``amount`` in the wallet's currency, signed from the player's side.

    Nothing moves before it is approved. Raises BadAmount, ReasonMissing.
    """
    sign = EntryRule.objects.get(kind=Adjustment.Kind(kind)).sign
    exponent = amount.as_tuple().exponent
    if not amount or not isinstance(exponent, int) or exponent < -4:
        raise BadAmount(_("Give an amount other than 0 with at most four decimals."))
    if amount * sign < 0:
        raise BadAmount(
            _("This kind adds to the wallet: give a positive amount.")
            if sign > 0
            else _("This kind takes from the wallet: give a negative amount.")
        )
    if not reason.strip():
        raise ReasonMissing(_("Say why: the reason is kept with the entry."))
    return Adjustment.objects.create(
        channel_id=wallet.channel_id,
        wallet=wallet,
        kind=kind,
        amount=amount,
        reason=reason.strip(),
        maker=maker,
        attachment=attachment or "",
    )


def approve(*, adjustment_id: int, checker: User, comment: str = "") -> Adjustment:
    """Approve; the approval that completes the set posts the movement, once.

    The adjustment comes back as posted, as refused by the ledger (not enough money), or still
    proposed when the amount needs another approver. Raises OwnAdjustment, AlreadyDecided.
    """
    with transaction.atomic():
        adjustment = _decide(adjustment_id, checker, comment, approved=True)
        if _sufficient(adjustment):
            posting = ledger.post(
                wallet_id=adjustment.wallet_id,
                kind=EntryKind(adjustment.kind),
                amount=adjustment.amount,
                source=SOURCE,
                reference=str(adjustment.pk),
                actor_id=checker.pk,
                reason=adjustment.reason,
                detail={"maker": adjustment.maker_id},
            )
            _close(
                adjustment,
                Adjustment.State.POSTED if posting.accepted else Adjustment.State.REFUSED,
                posting.entry_id,
            )
    return adjustment


def reject(*, adjustment_id: int, checker: User, comment: str) -> Adjustment:
    """Reject for good. Raises OwnAdjustment, AlreadyDecided."""
    with transaction.atomic():
        adjustment = _decide(adjustment_id, checker, comment, approved=False)
        _close(adjustment, Adjustment.State.REJECTED, None)
    return adjustment


def _decide(adjustment_id: int, checker: User, comment: str, *, approved: bool) -> Adjustment:
    adjustment = Adjustment.objects.select_for_update(no_key=True).get(pk=adjustment_id)
    if adjustment.maker_id == checker.pk:
        raise OwnAdjustment(_("You proposed this adjustment: someone else has to decide it."))
    if adjustment.state != Adjustment.State.PROPOSED:
        raise AlreadyDecided(_("This adjustment has been decided already."))
    try:
        with transaction.atomic():
            adjustment.decisions.create(checker=checker, approved=approved, comment=comment)
    except IntegrityError as error:
        raise AlreadyDecided(_("You have decided this adjustment already.")) from error
    return adjustment


def _sufficient(adjustment: Adjustment) -> bool:
    decisions = AdjustmentDecision.objects.filter(adjustment=adjustment)
    checkers = list(decisions.values_list("checker", flat=True))
    if len(checkers) >= APPROVERS_ABOVE_LIMIT:
        return True
    return any(may_approve_alone(adjustment=adjustment, checker_id=pk) for pk in checkers)


def may_approve_alone(*, adjustment: Adjustment, checker_id: int) -> bool:
    """Whether the amount lies within the highest limit of the person's roles."""
    limit = ApprovalLimit.objects.filter(
        role__user=checker_id, currency=adjustment.wallet.currency
    ).aggregate(highest=Max("amount"))["highest"]
    return limit is not None and abs(adjustment.amount) <= limit


def _close(adjustment: Adjustment, state: Adjustment.State, entry_id: int | None) -> None:
    adjustment.state = state
    adjustment.entry_id = entry_id
    adjustment.decided_at = timezone.now()
    adjustment.save(update_fields=["state", "entry", "decided_at"])
