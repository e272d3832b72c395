"""The simulators, served over HTTP, and a small world of players who are to exist there."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.models import AbstractUser, Group, User

from providers.models import BeiyingSite, ProviderAccount, ProvisioningJob, Target
from providers.simulators.beiying import Beiying
from providers.simulators.ebet import Ebet
from providers.simulators.hrg import Hrg
from providers.simulators.server import Simulator, running
from tests.providers.bulk import account_of
from tests.providers.worker import Worker
from wallet import players
from wallet.models import Agent, Channel, Player, StaffScope

_numbers = count(7000)

SECRET_KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Service:
    """A running simulator, where it is reached and what it may be told."""

    simulator: Simulator
    url: str

    def bodies(self, path: str) -> list[bytes]:
        """What was posted to `path`, in order."""
        return [seen.body for seen in list(self.simulator.requests) if seen.path == path]

    def count(self, kind: str = "account") -> int:
        """How many documents of a kind its book has."""
        return len(self.simulator.book.all().get(kind, {}))


@pytest.fixture
def hrg() -> Iterator[Service]:
    simulator = Hrg()
    with running(simulator) as url:
        yield Service(simulator, url)


@pytest.fixture
def beiying() -> Iterator[Service]:
    simulator = Beiying()
    with running(simulator) as url:
        yield Service(simulator, url)


@pytest.fixture
def ebet() -> Iterator[Service]:
    simulator = Ebet()
    with running(simulator) as url:
        yield Service(simulator, url)


@pytest.fixture
def channel(db: None) -> Channel:
    return Channel.objects.create(id=next(_numbers), name="North", currency="CNY")


@pytest.fixture
def agent(channel: Channel, hrg: Service) -> Agent:
    return Agent.objects.create(
        channel=channel,
        agent_id="acme01",
        api_url=hrg.url,
        api_username="acme",
        api_password="acme-secret",
    )


@pytest.fixture
def site(channel: Channel, beiying: Service) -> BeiyingSite:
    return BeiyingSite.objects.create(
        channel=channel, api_url=beiying.url, site_id=12, secret_key=SECRET_KEY
    )


Register = Callable[..., Player]


@pytest.fixture
def register(channel: Channel) -> Register:
    """Register a player in the channel, and with the agent where one is named."""

    def do(username: str = "lily08", agent: Agent | None = None, **values: Any) -> Player:
        return players.register(channel=channel, username=username, agent=agent, **values)

    return do


def the_job(player: Player) -> ProvisioningJob:
    """The player's only job, as the database has it."""
    return ProvisioningJob.objects.get(player=player)


def make_due() -> None:
    """Let the time pass that waiting jobs wait for."""
    ProvisioningJob.objects.waiting().update(next_attempt_at="2020-01-01T00:00:00Z")


def target_of(agent_or_site: Agent | BeiyingSite) -> Target:
    return Target.objects.get(pk=agent_or_site.target.pk)


@pytest.fixture
def admin_id(db: None, django_user_model: type[AbstractUser]) -> int:
    user = django_user_model.objects.create(username="operator", is_superuser=True, is_staff=True)
    return int(user.pk)


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(f"crash-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}")
    yield worker
    worker.kill()


@pytest.fixture
def account(channel: Channel) -> ProviderAccount:
    """Of a player at a target that is never reached."""
    player = players.register(
        channel=channel, username="lily08", opening_balances={0: Decimal(100)}
    )
    agent = Agent.objects.create(channel=channel, agent_id="acme01")
    target = Target.objects.create(provider="hrg", channel=channel, agent=agent, namespace="acme")
    return account_of(player, target)


@pytest.fixture
def olga(channel: Channel) -> User:
    """Operations, for this channel."""
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.add(Group.objects.get(name="Operations"))
    StaffScope.objects.create(user=user, channel=channel)
    return user
