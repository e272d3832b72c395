"""A world whose every secret is known, and found again wherever it were told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from providers import pushing
from providers.models import BeiyingSite, ProviderAccount
from tests.providers.conftest import Register, Service, make_due
from tests.providers.keys import key_pair
from tests.providers.secrecy.searching import Secrets, hear_everything
from wallet import rotation
from wallet.models import Agent, Channel, ChannelKey, Player

PUBLIC, PRIVATE = key_pair()


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    hear_everything(caplog)
    yield caplog
    connection.force_debug_cursor = False


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def agent(agent: Agent, secrets: Secrets, heard: pytest.LogCaptureFixture) -> Agent:
    agent.api_password = f'a"/+{uuid4().hex}'
    agent.save()
    secrets.add_basic("HRG's secret", agent.api_username, agent.api_password)
    return agent


@pytest.fixture
def site(site: BeiyingSite, secrets: Secrets, heard: pytest.LogCaptureFixture) -> BeiyingSite:
    site.secret_key = uuid4().hex
    site.save()
    secrets.add_basic("the site's key", site.site_id, site.secret_key)
    return site


@pytest.fixture
def channel(channel: Channel, ebet: Service, secrets: Secrets) -> Channel:
    """A channel that can call eBET."""
    channel.ebet_api_url = ebet.url
    channel.save()
    rotation.add_key(channel=channel, public_pem=PUBLIC, private_pem=PRIVATE)
    ChannelKey.objects.update(state=ChannelKey.State.ACTIVE)
    ebet.simulator.rules["keys"] = {str(channel.pk): PUBLIC}
    secrets.add_pem("eBET's key", PRIVATE)
    return channel


@pytest.fixture
def player(register: Register, agent: Agent, site: BeiyingSite, secrets: Secrets) -> Player:
    """Wanted at both providers, with 100.00 in the wallet."""
    player = register(agent=agent, opening_balances={0: Decimal(100)})
    account = ProviderAccount.objects.get(player=player, target=site.target)
    secrets.add("the player's password at 贝盈", account.password)
    return player


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def push(*targets: int) -> None:
    """Two rounds: the request, and what becomes of a doubtful one."""
    for _round in range(2):
        make_due()
        for target_id in targets:
            pushing.push_target(target_id=target_id, seconds=5)
