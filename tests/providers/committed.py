"""A world in the real database, for tests with several processes or threads."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from django.utils import timezone

from providers.models import BeiyingSite, ProviderAccount, ProvisioningJob
from providers.simulators.server import Simulator
from tests.providers.conftest import SECRET_KEY, Service
from wallet import players
from wallet.models import Agent, Channel, Player

State = ProvisioningJob.State
_numbers = count(9000)


@dataclass
class World:
    """A channel of its own with an agent at HRG and a site at 贝盈."""

    channel: Channel
    agent: Agent
    site: BeiyingSite
    hrg: Service
    beiying: Service

    @classmethod
    def create(cls, hrg: Service, beiying: Service) -> "World":
        channel = Channel.objects.create(id=next(_numbers), name="North", currency="CNY")
        agent = Agent.objects.create(
            channel=channel,
            agent_id="acme01",
            api_url=hrg.url,
            api_username=f"acme{channel.pk}",
            api_password="acme-secret",
        )
        site = BeiyingSite.objects.create(
            channel=channel, api_url=beiying.url, site_id=channel.pk, secret_key=SECRET_KEY
        )
        return cls(channel, agent, site, hrg, beiying)

    def end(self) -> None:
        """Leave no work behind for the workers of other tests."""
        ProvisioningJob.objects.filter(channel=self.channel).update(
            state=State.CANCELLED, lease_token=None, lease_until=None
        )

    def register(self, number: int) -> Player:
        return players.register(channel=self.channel, username=f"lily{number:03}", agent=self.agent)

    @property
    def simulators(self) -> tuple[Simulator, Simulator]:
        return self.hrg.simulator, self.beiying.simulator

    @property
    def targets(self) -> tuple[int, int]:
        return self.agent.target.pk, self.site.target.pk

    def has_begun(self) -> bool:
        """Whether the first accounts exist."""
        return bool(self.hrg.count() and self.beiying.count())

    def states(self) -> set[str]:
        jobs = ProvisioningJob.objects.filter(channel=self.channel)
        return set(jobs.values_list("state", flat=True))

    def let_time_pass(self) -> None:
        """What waits falls due."""
        ProvisioningJob.objects.filter(channel=self.channel).waiting().update(
            next_attempt_at=timezone.now()
        )

    def let_leases_run_out(self) -> None:
        """As if their workers had been gone for long. Call when they are."""
        ProvisioningJob.objects.filter(channel=self.channel, state=State.SENDING).update(
            lease_until=timezone.now()
        )

    def assert_every_player_exists_once(self, players_registered: int) -> None:
        """The witnesses are the simulators' books."""
        assert self.states() == {State.DONE}
        for service in (self.hrg, self.beiying):
            assert service.count() == players_registered
        accounts = ProviderAccount.objects.filter(channel=self.channel)
        assert accounts.count() == 2 * players_registered
        assert not accounts.filter(confirmed_at=None).exists()


def until(condition: Callable[[], bool], *, seconds: float = 30, between: float = 0.05) -> bool:
    """Wait for a condition; False when it did not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(between)
    return True
