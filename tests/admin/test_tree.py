"""The tree of sub-channels and agents."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.admin.world import World
from wallet.admin.tree import _grow
from wallet.models import Agent, SubChannel

PAGE = "/admin/wallet/agent/tree/"


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Administrator"])
    return client


def _words(page: str) -> str:
    return " ".join(page.split())


class TestTheTree:
    def test_puts_agents_below_their_parent_and_counts_players(
        self, world: World, client_of: Client
    ) -> None:
        side = world.here
        low = Agent.objects.create(
            channel=side.channel, agent_id="agent02", parent=side.agent, name="Low"
        )
        side.player.agent = low
        side.player.save()

        page = _words(client_of.get(PAGE).content.decode())

        names = ("7001/1 One <span", "agent01 <span", "agent02 Low <span")
        places = [page.index(name) for name in names]
        assert places == sorted(places)
        assert 'agent02 Low <span class="panel-aside"> 1 player </span>' in page
        assert 'agent01 <span class="panel-aside"> 0 players (1) </span>' in page

    def test_adds_up_each_count_once(self, world: World) -> None:
        class Counted(dict[Any, int]):
            reads = 0

            def items(self) -> Any:
                self.reads += 1
                return super().items()

        side = world.here
        agents = [
            Agent(channel=side.channel, agent_id=f"x{number}", sub_channel=side.sub_channel)
            for number in range(20)
        ]
        Agent.objects.bulk_create(agents)
        counts = Counted({(None, agent.pk): 2 for agent in agents[:3]})
        request = RequestFactory().get(PAGE)
        request.user = world.superuser

        root = _grow(request, side.channel, agents, counts)

        assert root.players == 6
        assert counts.reads == 1

    def test_says_no_number_where_counting_takes_too_long(
        self, world: World, client_of: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wallet.admin.tree.at_most", lambda seconds, read: None)

        page = _words(client_of.get(PAGE).content.decode())

        assert 'agent01 <span class="panel-aside"> — </span>' in page
        assert "0 players" not in page

    def test_shows_only_the_readers_channels(self, world: World, client_of: Client) -> None:
        page = client_of.get(PAGE).content.decode()
        other = client_of.get(f"{PAGE}?channel={world.elsewhere.number}")

        assert "Channel 7002" not in page
        assert other.status_code == 404

    def test_shows_only_the_readers_sub_channels(self, world: World) -> None:
        Agent.objects.create(
            channel=world.here.channel, agent_id="agent09", sub_channel=world.other_part
        )
        client = Client()
        client.force_login(world.part)

        page = client.get(PAGE).content.decode()

        assert "agent09" in page
        assert "7001/1 One" not in page
        assert "agent01" not in page

    def test_tells_who_sees_no_channel_what_to_do(self, world: World) -> None:
        client = Client()
        client.force_login(world.stranger)

        assert "an administrator has to give you one" in client.get(PAGE).content.decode()

    def test_takes_as_many_queries_however_many_branches(
        self, world: World, client_of: Client, django_assert_max_num_queries: object
    ) -> None:
        side = world.here
        for number in range(2, 30):
            sub = SubChannel.objects.create(channel=side.channel, number=number + 10, name="x")
            Agent.objects.create(channel=side.channel, agent_id=f"a{number}", sub_channel=sub)

        with django_assert_max_num_queries(20):  # type: ignore[operator]
            client_of.get(PAGE)

    def test_is_linked_from_the_list_of_agents(self, world: World, client_of: Client) -> None:
        assert PAGE in client_of.get(reverse("admin:wallet_agent_changelist")).content.decode()
