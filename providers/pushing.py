"""Carrying out claimed jobs: one call of the provider each, then one transaction."""

import logging
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.db import DataError, transaction
from django.utils import timezone

from providers import queue, retries, targets, transfers
from providers.errors import OutcomeUnknown, ProviderError, Refused, TargetRefused, Verdict
from providers.gateway import AccountFacts, AccountOrder, MoneyFacts, MoneyOrder
from providers.gateways import gateway_of
from providers.http import Exchange
from providers.models import JobAttempt, ProviderAccount, ProvisioningJob
from wallet.ledger import LedgerError
from wallet.secrets import SecretUnreadable

logger = logging.getLogger(__name__)

Decision = JobAttempt.Decision
State = ProvisioningJob.State
LONGEST_WAIT: Final = 1
"""Seconds that a worker sleeps for a rate limit before it leaves the target to others."""


def push_target(*, target_id: int, seconds: int) -> int:
    """Carry out due jobs of a target one after the other; returns how many.

    Stops when nothing is due, the target is stopped or full, or after `seconds`.
    """
    started = time.monotonic()
    pushed = 0
    while time.monotonic() - started < seconds:
        claimed = queue.claim(target_id=target_id)
        if isinstance(claimed, queue.Wait):
            wait = (claimed.until - timezone.now()).total_seconds()
            if wait > LONGEST_WAIT:
                break
            time.sleep(max(wait, 0))
            continue
        if claimed is None:
            break
        push(claimed)
        pushed += 1
    return pushed


def push(claim: queue.Claim) -> None:
    """Carry out one claimed job and record what came of it."""
    log: list[Exchange] = []
    try:
        _push(claim, log)
    finally:
        queue.count_calls(claim.target, calls=len(log))


def _push(claim: queue.Claim, log: list[Exchange]) -> None:
    try:
        facts = _call(claim, log)
    except ProviderError as error:
        _record_failure(claim, error, log)
        return
    except SecretUnreadable as error:
        _record_failure(claim, TargetRefused("secret_unreadable", str(error)), log)
        return
    except Exception as error:
        # A fault of ours in the middle of a call: the request may have gone out.
        logger.exception("job %s broke", claim.job.pk)
        _record_failure(claim, OutcomeUnknown("internal", type(error).__name__), log)
        return
    try:
        _record_success(claim, facts, log)
    except (transfers.TransferError, LedgerError, DataError) as error:
        # Done outside but not booked here: a later attempt finds it done and books it.
        _record_failure(claim, OutcomeUnknown("not_booked", str(error)), log)


def _call(claim: queue.Claim, log: list[Exchange]) -> AccountFacts | MoneyFacts:
    job = ProvisioningJob.objects.select_related(
        "account", "transfer", "target__agent", "target__site"
    ).get(pk=claim.job.pk)
    gateway = gateway_of(job.target, log=log)
    account = job.account
    if account is None:
        raise Refused("misconfigured", "the job has no account")
    if job.kind == ProvisioningJob.Kind.CREATE:
        return gateway.ensure_account(
            AccountOrder(
                name=account.external_name,
                password=account.password,
                in_doubt=job.in_doubt,
                balance=_amount(job, "balance"),
                free_credit=_amount(job, "freeCredit"),
            )
        )
    return gateway.ensure_money(
        MoneyOrder(
            name=account.external_name,
            order_id=job.transfer.order_id,
            amount=job.transfer.amount,
            to_provider=job.kind == ProvisioningJob.Kind.FUND,
            game=job.transfer.game,
            in_doubt=job.in_doubt,
        )
    )


def _amount(job: ProvisioningJob, name: str) -> Decimal | None:
    return Decimal(job.options[name]) if name in job.options else None


def _record_success(
    claim: queue.Claim, facts: AccountFacts | MoneyFacts, log: Sequence[Exchange]
) -> None:
    with transaction.atomic():
        _keep(claim, log, Decision.DONE)
        job = queue.still_mine(claim)
        if job is None:
            return
        now = timezone.now()
        account = ProviderAccount.objects.select_for_update(of=("self",)).get(jobs=job.pk)
        if isinstance(facts, AccountFacts):
            account.confirmed_at, account.confirmed_by = now, facts.confirmed_by
            account.external_id = facts.external_id or account.external_id
        else:
            transfers.settle(job.transfer)
        if facts.balance is not None:
            account.balance, account.balance_at = facts.balance, now
        account.save()
        job.failures = job.unknowns = 0
        queue.settle(job, state=State.DONE)
    targets.trust(claim.target)


def _record_failure(claim: queue.Claim, error: ProviderError, log: Sequence[Exchange]) -> None:
    with transaction.atomic():
        job = queue.still_mine(claim)
        if job is None:
            _keep(claim, log, Decision.RETRY, str(error))
            return
        moves_money = job.kind != ProvisioningJob.Kind.CREATE
        job.failures += 1
        if error.verdict is Verdict.UNKNOWN:
            job.unknowns += 1
        if error.in_doubt or (moves_money and error.verdict is Verdict.CONFLICT):
            job.in_doubt = True
        pause = retries.delay(error.verdict, failures=job.failures, unknowns=job.unknowns)
        state, decision = _after(error.verdict, in_doubt=job.in_doubt, again=pause is not None)
        if state is State.REFUSED and moves_money:
            transfers.release(job.transfer)
        _keep(claim, log, decision, str(error))
        queue.settle(
            job,
            state=state,
            code=error.code,
            message=error.message,
            next_attempt_at=timezone.now() + pause
            if pause
            else job.next_attempt_at
            if state is State.PAUSED
            else None,
        )
    if error.verdict is Verdict.TARGET:
        targets.trip(target_id=claim.job.target_id, error=error)


def _after(
    verdict: Verdict, *, in_doubt: bool, again: bool
) -> tuple[ProvisioningJob.State, JobAttempt.Decision]:
    """The state that a failure leaves the job in, and what its history says."""
    match verdict:
        case Verdict.PERMANENT:
            return State.REFUSED, Decision.REFUSED
        case Verdict.CONFLICT:
            return State.CONFLICT, Decision.STAFF
        case Verdict.TARGET:
            return State.PAUSED, Decision.PAUSE
    state = State.UNKNOWN if in_doubt else State.PENDING
    return state, Decision.RETRY if again else Decision.STAFF


def _keep(
    claim: queue.Claim,
    log: Sequence[Exchange],
    decision: JobAttempt.Decision,
    error: str = "",
) -> None:
    """Keep every exchange; all but the last one led to a verification."""
    exchanges = log or [Exchange(url="", request="", http_status=None, answer="", duration_ms=0)]
    last = len(exchanges) - 1
    JobAttempt.objects.bulk_create(
        JobAttempt(
            job_id=claim.job.pk,
            number=claim.job.attempts,
            url=exchange.url[:300],
            request=exchange.request,
            http_status=exchange.http_status,
            answer=exchange.answer,
            duration_ms=exchange.duration_ms,
            decision=decision if position == last else Decision.VERIFY,
            note=(exchange.error or (error if position == last else ""))[:300],
        )
        for position, exchange in enumerate(exchanges)
    )
