"""Targets: finding them, stopping them as a whole, and letting them go on."""

import logging
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from providers.errors import ProviderError
from providers.gateways import gateway_of
from providers.models import (
    BeiyingSite,
    Provider,
    ProviderAccount,
    ProvisioningJob,
    Target,
)
from providers.queue import GOING_ON
from providers.retries import jittered
from wallet.models import Agent, Player
from wallet.secrets import SecretUnreadable

logger = logging.getLogger(__name__)

FIRST_PROBE_SECONDS: Final = 30
LAST_PROBE_SECONDS: Final = 900
PROBE_ANSWERED: Final = gettext_noop("A probe was answered.")
"""The only reason that is no person's and no provider's: shown in the reader's language."""


def of_agent(agent: Agent) -> Target | None:
    """The agent's target, up to date with its access; None without an API account."""
    if not (agent.api_url and agent.api_username):
        return Target.objects.filter(agent=agent).first()
    namespace = f"hrg {agent.api_url.rstrip('/')} {agent.api_username}"
    target, _created = Target.objects.get_or_create(
        agent=agent,
        defaults={
            "provider": Provider.HRG,
            "channel_id": agent.channel_id,
            "namespace": namespace,
            "name": agent.agent_id,
        },
    )
    return _renamed(target, namespace, agent.agent_id)


def of_site(site: BeiyingSite) -> Target:
    """The site's target, up to date with its access."""
    namespace = f"beiying {site.api_url.rstrip('/')} {site.site_id}"
    target, _created = Target.objects.get_or_create(
        site=site,
        defaults={
            "provider": Provider.BEIYING,
            "channel_id": site.channel_id,
            "namespace": namespace,
            "name": str(site.site_id),
        },
    )
    return _renamed(target, namespace, str(site.site_id))


def _renamed(target: Target, namespace: str, name: str) -> Target:
    """Move the target's accounts along when its access moved to another address."""
    if (target.namespace, target.name) != (namespace, name):
        with transaction.atomic():
            target.namespace, target.name = namespace, name
            target.save(update_fields=["namespace", "name"])
            ProviderAccount.objects.filter(target=target).update(namespace=namespace)
    return target


def of_player(player: Player) -> list[Target]:
    """Where a player of this agent and channel is to have accounts."""
    found = []
    if player.agent and player.agent.api_url and (target := of_agent(player.agent)):
        found.append(target)
    site = BeiyingSite.objects.filter(channel_id=player.channel_id).first()
    if site:
        found.append(of_site(site))
    return found


def trip(*, target_id: int, error: ProviderError) -> bool:
    """Stop a target whose access was refused; True, and one alert, for the first to say so.

    A target on trial that fails is stopped again without another alert, and for longer: what a
    probe asks may be allowed while what its jobs want is not.
    """
    now = timezone.now()
    with transaction.atomic():
        target = Target.objects.select_for_update(no_key=True).get(pk=target_id)
        if target.state != Target.State.ACTIVE:
            return False
        trial = timedelta(seconds=LAST_PROBE_SECONDS)
        since = target.state_since
        on_trial = bool(target.probes and since and now - since < trial)
        if not on_trial:
            target.probes = 0
        target.state, target.state_reason = Target.State.TRIPPED, str(error)[:300]
        target.state_since, target.state_by = now, None
        target.probe_at = now + _until_probe(target.probes)
        target.save(
            update_fields=[
                *("state", "state_reason", "state_since", "state_by"),
                *("probe_at", "probes"),
            ]
        )
        _hold_jobs(target_id)
    if on_trial:
        logger.warning("target %s stopped again: %s", target_id, error)
    else:
        logger.error("ALERT: target %s stopped, our access is refused: %s", target_id, error)
    return True


def trust(target: Target) -> None:
    """A job was done by a target on trial: once it has gone on for a while, it is as any other."""
    if target.probes:
        since = timezone.now() - timedelta(seconds=FIRST_PROBE_SECONDS)
        Target.objects.filter(
            pk=target.pk, state=Target.State.ACTIVE, state_since__lt=since
        ).update(probes=0)


def _until_probe(probes: int) -> timedelta:
    return jittered(min(LAST_PROBE_SECONDS, FIRST_PROBE_SECONDS * 2 ** min(probes, 10)))


def pause(*, target_id: int, reason: str, staff_id: int) -> bool:
    """Stop a target until staff resume it; False when it is paused already."""
    with transaction.atomic():
        paused = (
            Target.objects.filter(pk=target_id)
            .exclude(state=Target.State.PAUSED)
            .update(
                state=Target.State.PAUSED,
                state_reason=reason[:300],
                state_since=timezone.now(),
                state_by=staff_id,
                probe_at=None,
            )
        )
        if paused:
            _hold_jobs(target_id)
    return bool(paused)


def resume(*, target_id: int, reason: str, staff_id: int | None = None) -> bool:
    """Let a stopped target go on where it was; False when it was not stopped.

    On trial, unless staff say so.
    """
    with transaction.atomic():
        resumed = (
            Target.objects.filter(pk=target_id)
            .exclude(state=Target.State.ACTIVE)
            .update(
                state=Target.State.ACTIVE,
                state_reason=reason[:300],
                state_since=timezone.now(),
                state_by=staff_id,
                probe_at=None,
                probes=F("probes") if staff_id is None else 0,
            )
        )
        if resumed:
            ProvisioningJob.objects.filter(
                target_id=target_id, state=ProvisioningJob.State.PAUSED
            ).update(state=GOING_ON)
    return bool(resumed)


def _hold_jobs(target_id: int) -> None:
    """Mark the waiting jobs; when each was due is kept, and with it their order."""
    ProvisioningJob.objects.waiting().filter(target_id=target_id).update(
        state=ProvisioningJob.State.PAUSED
    )


def due_probes() -> list[int]:
    """Tripped targets whose next probe is due; each is handed out once."""
    now = timezone.now()
    due = Target.objects.filter(state=Target.State.TRIPPED, probe_at__lte=now)
    handed_out = []
    for target in due:
        mine = Target.objects.filter(pk=target.pk, probe_at=target.probe_at).update(
            probe_at=now + _until_probe(target.probes + 1), probes=F("probes") + 1
        )
        if mine:
            handed_out.append(target.pk)
    return handed_out


def probe(*, target_id: int) -> bool:
    """Ask a tripped target whether our access works again, and resume it if so."""
    target = Target.objects.get(pk=target_id)
    if target.state != Target.State.TRIPPED:
        return False
    try:
        test_connection(target)
    except (ProviderError, SecretUnreadable):
        return False
    logger.warning("target %s goes on: a probe was answered", target_id)
    return resume(target_id=target_id, reason=PROBE_ANSWERED)


def test_connection(target: Target) -> int:
    """Ask the provider something harmless; the round trip in ms.

    Raises ProviderError, SecretUnreadable.
    """
    gateway = gateway_of(target)
    gateway.probe()
    return gateway.log[-1].duration_ms if gateway.log else 0


def recheck_soon(target: Target) -> None:
    """New access was entered: probe a tripped target at once rather than at its turn."""
    Target.objects.filter(pk=target.pk, state=Target.State.TRIPPED).update(
        probe_at=timezone.now() - timedelta(seconds=1)
    )
