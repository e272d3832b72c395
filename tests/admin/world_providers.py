"""The outside services of a channel."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from providers.models import (
    BeiyingSite,
    BulkRun,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)

if TYPE_CHECKING:
    from tests.admin.world import Side


def add_providers(
    side: Side,
) -> tuple[BeiyingSite, Target, ProviderAccount, ProvisioningJob, ProviderTransfer]:
    """A site of 贝盈; a target with an account, a job and a transfer."""
    site = BeiyingSite.objects.create(
        channel=side.channel, api_url="https://b.example", site_id=5, secret_key="s"
    )
    target = Target.objects.create(
        provider="hrg", channel=side.channel, agent=side.agent, namespace=f"n{side.number}"
    )
    account = ProviderAccount.objects.create(
        player=side.player,
        target=target,
        channel=side.channel,
        namespace=f"n{side.number}",
        external_name=f"anna{side.number}",
    )
    job = ProvisioningJob.objects.create(
        target=target,
        player=side.player,
        channel=side.channel,
        account=account,
        state=ProvisioningJob.State.CONFLICT,
        next_attempt_at=None,
    )
    transfer = ProviderTransfer.objects.create(
        channel=side.channel,
        account=account,
        wallet=side.wallet,
        job=job,
        direction=ProviderTransfer.Direction.FUND,
        amount=Decimal(1),
        currency="CNY",
        order_id=f"o{side.number}",
        reason="test",
    )
    return site, target, account, job, transfer


def add_bulk_run(side: Side) -> BulkRun:
    """At work on the job, asked for by the maker."""
    run = BulkRun.objects.create(
        operation=BulkRun.Operation.RETRY,
        reason="test",
        state=BulkRun.State.RUNNING,
        channels=[side.number],
        total=1,
        requested_by=side.maker,
    )
    run.items.create(job=side.job, outcome="waiting")
    return run
