"""What is said about an adjustment: what it is, who acts next, what a decision led to."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext

from wallet import adjustments
from wallet.admin.display import format_money
from wallet.models import Adjustment
from wallet.scope import member


def summary_of(adjustment: Adjustment) -> str:
    """One line about an adjustment."""
    wallet = adjustment.wallet
    amount = f"{format_money(adjustment.amount)} {wallet.currency}"
    kind = adjustment.get_kind_display()
    return f"{adjustment.pk} · {wallet.player} · {kind} · {amount} · {adjustment.reason}"


def next_step(request: HttpRequest, adjustment: Adjustment) -> str:
    """Who has to act, in particular why the reader cannot."""
    if adjustment.state != Adjustment.State.PROPOSED:
        return ""
    if adjustment.maker_id == request.user.pk:
        return gettext("You proposed it: someone else has to decide.")
    if not request.user.has_perm("wallet.approve_adjustment"):
        return gettext("Waits for someone who may approve adjustments; your role may not.")
    if adjustment.decisions.filter(checker=request.user.pk).exists():
        return gettext("You approved it; the amount needs a second person.")
    if adjustment.decisions.exists():
        return gettext("One person approved it; with your approval it is posted.")
    if adjustments.may_approve_alone(adjustment=adjustment, checker_id=member(request).pk):
        return gettext("Waits for you or another approver.")
    return gettext(
        "Waits for you or another approver. The amount is above your limit, so a second person has "
        "to approve it too."
    )


def outcome_of(adjustment: Adjustment) -> str:
    """What a decision led to, as a sentence."""
    match adjustment.state:
        case Adjustment.State.POSTED:
            return gettext("The adjustment was posted.")
        case Adjustment.State.REJECTED:
            return gettext("The adjustment was rejected.")
        case Adjustment.State.REFUSED:
            return gettext("Approved, but the ledger refused it: there is not enough money.")
    return gettext("Approved; the amount needs another approver.")
