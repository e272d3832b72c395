"""The outside services of a channel."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from providers.models import (
    BeiyingSite,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)

if TYPE_CHECKING:
    from tests.admin.world import Side


def add_providers(side: Side) -> None:
    """A target with an account, a job and a transfer, and a site of 贝盈."""
    side.site = BeiyingSite.objects.create(
        channel=side.channel, api_url="https://b.example", site_id=5, secret_key="s"
    )
    side.target = Target.objects.create(
        provider="hrg", channel=side.channel, agent=side.agent, namespace=f"n{side.number}"
    )
    side.account = ProviderAccount.objects.create(
        player=side.player,
        target=side.target,
        channel=side.channel,
        namespace=f"n{side.number}",
        external_name=f"anna{side.number}",
    )
    side.job = ProvisioningJob.objects.create(
        target=side.target,
        player=side.player,
        channel=side.channel,
        account=side.account,
        state=ProvisioningJob.State.CONFLICT,
        next_attempt_at=None,
    )
    side.transfer = ProviderTransfer.objects.create(
        channel=side.channel,
        account=side.account,
        wallet=side.wallet,
        job=side.job,
        direction=ProviderTransfer.Direction.FUND,
        amount=Decimal(1),
        currency="CNY",
        order_id=f"o{side.number}",
        reason="test",
    )
