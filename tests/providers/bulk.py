"""Many jobs at once, cheaply: a target may have any number of transfers of one account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User

from providers import bulk_runs
from providers.models import BulkRun, ProviderAccount, ProvisioningJob, Target
from wallet.models import Player

State = ProvisioningJob.State
RETRY, CANCEL = BulkRun.Operation.RETRY, BulkRun.Operation.CANCEL


def account_of(player: Player, target: Target) -> ProviderAccount:
    return ProviderAccount.objects.create(
        player=player,
        target=target,
        channel=player.channel,
        namespace=target.namespace,
        external_name=player.username,
    )


def make_jobs(account: ProviderAccount, count: int, **values: Any) -> list[ProvisioningJob]:
    """Transfers whose outcome is unknown, waiting for a person."""
    kept = {"state": State.UNKNOWN, "next_attempt_at": None, **values}
    return ProvisioningJob.objects.bulk_create(
        ProvisioningJob(
            target=account.target,
            player=account.player,
            channel_id=account.channel_id,
            account=account,
            kind=ProvisioningJob.Kind.FUND,
            **kept,
        )
        for _number in range(count)
    )


def ask_for(
    user: User, jobs: list[ProvisioningJob], operation: BulkRun.Operation = RETRY
) -> BulkRun:
    """A confirmed run of the jobs."""
    chosen = ProvisioningJob.objects.filter(pk__in=[job.pk for job in jobs])
    run = bulk_runs.draft(user=user, operation=operation, jobs=chosen, language="en")
    bulk_runs.confirm(run_id=run.pk, user=user, reason="they are back")
    run.refresh_from_db()
    return run


def outcomes(run: BulkRun) -> dict[str, int]:
    found = list(run.items.values_list("outcome", flat=True))
    return {outcome: found.count(outcome) for outcome in sorted(set(found))}


def work(run: BulkRun) -> None:
    """To the end."""
    bulk_runs.work(run_id=run.pk, seconds=60)
    run.refresh_from_db()
