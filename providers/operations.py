"""What staff may do with a job. Each takes the reason and keeps it in the job's history."""

from collections.abc import Callable
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from providers import dispatch, provisioning, queue, transfers
from providers.models import JobAttempt, ProviderAccount, ProviderTransfer, ProvisioningJob
from wallet import ledger

State = ProvisioningJob.State
Decision = JobAttempt.Decision
_AT_REST: Final = (State.PENDING, State.UNKNOWN, State.CONFLICT, State.REFUSED, State.PAUSED)


class OperationError(Exception):
    """The job is not in a state for this; nothing changed."""


def retry(*, job_id: int, reason: str, staff_id: int) -> None:
    """Try again now, verifying first where an earlier attempt may have been carried out.

    Raises OperationError for a job at work or finished, a transfer whose money was
    given back, or a name that still cannot be taken.
    """
    with transaction.atomic():
        job = _locked(job_id, _AT_REST)
        if job.kind != ProvisioningJob.Kind.CREATE and job.state == State.REFUSED:
            raise OperationError(_("The money was given back: start a new transfer."))
        if job.account is None and not provisioning.name_again(job):
            raise OperationError(_("The provider cannot take this name: give an alias first."))
        _note(job, Decision.RETRIED, reason, staff_id)
        job.failures = job.unknowns = 0
        if not job.target.is_active:
            state = State.PAUSED
        else:
            state = State.UNKNOWN if job.in_doubt else State.PENDING
        queue.settle(job, state=state, next_attempt_at=timezone.now())
        dispatch.push_on_commit(target_id=job.target_id)


def cancel(*, job_id: int, reason: str, staff_id: int) -> None:
    """Give the job up; a transfer's held money goes back.

    Raises OperationError for a job at work or finished, or a transfer that may have
    been carried out: the provider's answer decides about that money, or `decide`. Raises
    it too while the money cannot be given back.
    """
    with transaction.atomic():
        job = _locked(job_id, _AT_REST)
        if job.kind != ProvisioningJob.Kind.CREATE and job.state != State.REFUSED:
            if job.in_doubt:
                raise OperationError(
                    _("The transfer may have been carried out: retry to check, or decide.")
                )
            _book(transfers.release, job)
        _note(job, Decision.CANCELLED, reason, staff_id)
        queue.settle(job, state=State.CANCELLED)


def confirm(*, job_id: int, reason: str, staff_id: int) -> None:
    """Declare that the account at the provider exists and is this player's.

    Raises OperationError unless the job is an account's creation that waits for a person.
    """
    with transaction.atomic():
        job = _locked(job_id, (State.CONFLICT, State.UNKNOWN))
        if job.kind != ProvisioningJob.Kind.CREATE or job.account is None:
            raise OperationError(_("Only an account can be confirmed."))
        job.account.confirmed_at = timezone.now()
        job.account.confirmed_by = ProviderAccount.Confirmation.STAFF
        job.account.save(update_fields=["confirmed_at", "confirmed_by"])
        _note(job, Decision.CONFIRMED, reason, staff_id)
        queue.settle(job, state=State.DONE)


def decide(*, job_id: int, carried_out: bool, reason: str, staff_id: int) -> None:
    """Say what became of a transfer that the provider never clears up, as its people said.

    Raises OperationError while the provider is still being asked, for a job that moves no money,
    for the one who asked for the transfer, and while the money cannot be booked.
    """
    with transaction.atomic():
        job = _locked(job_id, (State.CONFLICT, State.UNKNOWN))
        if job.kind == ProvisioningJob.Kind.CREATE or not job.in_doubt:
            raise OperationError(_("Only a transfer in doubt can be decided."))
        if job.next_attempt_at is not None:
            raise OperationError(_("The provider is still being asked: wait for its answer."))
        if job.transfer.requested_by_id == staff_id:
            raise OperationError(_("You asked for this transfer: somebody else must decide."))
        _book(transfers.settle if carried_out else transfers.release, job)
        decision = Decision.CONFIRMED if carried_out else Decision.CANCELLED
        _note(job, decision, reason, staff_id)
        queue.settle(job, state=State.DONE if carried_out else State.CANCELLED)


def _locked(job_id: int, states: tuple[ProvisioningJob.State, ...]) -> ProvisioningJob:
    job = (
        ProvisioningJob.objects.select_for_update(of=("self",))
        .select_related("account", "target", "player")
        .get(pk=job_id)
    )
    if job.state not in states:
        raise OperationError(_("The job is %s.") % job.get_state_display())
    return job


def _book(step: Callable[[ProviderTransfer], None], job: ProvisioningJob) -> None:
    try:
        step(job.transfer)
    except ledger.Busy as error:
        raise OperationError(
            _("The wallet is busy; nothing was written. Try again in a moment.")
        ) from error
    except transfers.TransferError as error:
        raise OperationError(str(error)) from error


def _note(job: ProvisioningJob, decision: JobAttempt.Decision, reason: str, staff_id: int) -> None:
    JobAttempt.objects.create(
        job=job,
        number=job.attempts,
        decision=decision,
        note=reason[:300],
        actor_id=staff_id,
    )
