"""What staff do at eBET for a player: asked by POST, refused in words, never stored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from providers.simulators.ebet import Ebet
from providers.simulators.faults import Fault
from providers.simulators.server import running
from tests.admin.world import HERE, World
from tests.providers.keys import key_pair
from wallet.models import AccessToken, Channel, ChannelKey, Player, PlayerSession
from wallet.secrets import token_digest

PUBLIC, PRIVATE = key_pair()
ACTIONS = ("compare-with-ebet", "launch-link", "log-out-at-ebet")


@pytest.fixture
def ebet(world: World) -> Iterator[Ebet]:
    simulator = Ebet()
    simulator.rules["keys"] = {str(HERE): PUBLIC}
    simulator.rules["money"] = 85
    ChannelKey.objects.filter(pk=world.here.key.pk).update(public_pem=PUBLIC, private_pem=PRIVATE)
    with running(simulator) as url:
        Channel.objects.filter(pk=HERE).update(ebet_api_url=url)
        yield simulator


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Operations"])
    return client


def address(world: World, action: str) -> str:
    return f"/admin/wallet/player/{world.here.player.pk}/{action}/"


def post(client: Client, world: World, action: str, **data: Any) -> Any:
    response: Any = client.post(address(world, action), data)
    return response


def known_at(ebet: Ebet, world: World, user_id: int = 88_900_001) -> None:
    name = world.here.player.username
    ebet.book.put("player", f"{HERE}/{name}", {"userId": user_id, "username": name})


class TestActionsAtEbet:
    @pytest.mark.parametrize("action", ACTIONS)
    def test_ask_nothing_when_only_looked_at(
        self, world: World, ebet: Ebet, client_of: Client, action: str
    ) -> None:
        assert client_of.get(address(world, action)).status_code == 200

        assert not ebet.requests
        assert not AccessToken.objects.exists()
        assert PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize("action", ACTIONS)
    def test_are_nobodys_outside_scope_or_without_permission(
        self, world: World, ebet: Ebet, action: str
    ) -> None:
        for user, status in ((world.stranger, 404), (world.roles["Auditor"], 403)):
            client = Client()
            client.force_login(user)
            assert post(client, world, action).status_code == status

        assert not ebet.requests
        assert not AccessToken.objects.exists()

    @pytest.mark.parametrize("action", ACTIONS)
    def test_say_when_the_channel_cannot_call_ebet(
        self, world: World, client_of: Client, action: str
    ) -> None:
        response = post(client_of, world, action)

        assert response.status_code == 200
        assert "The channel has no eBET API address." in response.content.decode()

    @pytest.mark.parametrize("action", ACTIONS)
    def test_say_when_ebet_cannot_be_reached(
        self, world: World, ebet: Ebet, client_of: Client, action: str
    ) -> None:
        Channel.objects.filter(pk=HERE).update(ebet_api_url="http://127.0.0.1:9")

        response = post(client_of, world, action, end_sessions="on")

        assert "eBET cannot be reached" in response.content.decode()
        assert PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()
        assert not AccessToken.objects.exists()
        assert not LogEntry.objects.exists()

    @pytest.mark.parametrize("action", ["compare-with-ebet", "log-out-at-ebet"])
    def test_say_when_ebet_refuses(
        self, world: World, ebet: Ebet, client_of: Client, action: str
    ) -> None:
        response = post(client_of, world, action, end_sessions="on")

        assert "eBET refused: user unknown (4037)." in response.content.decode()
        assert PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()


class TestLaunchLink:
    def test_is_shown_once_with_a_token_that_works_shortly(
        self, world: World, ebet: Ebet, client_of: Client
    ) -> None:
        text = post(client_of, world, "launch-link", in_china="on").content.decode()

        token = AccessToken.objects.get()
        link = text.split('id="secret">')[1].split("<")[0].replace("&amp;", "&")
        start, _, secret = link.partition("&accessToken=")
        assert start == f"https://games.example/h5?username={world.here.player.username}"
        assert bytes(token.digest) == token_digest(secret)
        assert not token.fixed
        assert token.expires_at is not None
        assert 290 < (token.expires_at - token.created_at).total_seconds() <= 301
        assert json.loads(ebet.requests[0].body)["china"] == "1"
        assert secret not in client_of.get(address(world, "launch-link")).content.decode()
        assert LogEntry.objects.get().change_message == "Fetch a launch link"

    def test_is_not_offered_for_a_locked_player(self, world: World, client_of: Client) -> None:
        page = f"/admin/wallet/player/{world.here.locked.pk}/launch-link/"

        assert client_of.post(page).status_code == 403


class TestLogOut:
    def test_ends_the_sessions_here_as_well_where_wanted(
        self, world: World, ebet: Ebet, client_of: Client
    ) -> None:
        known_at(ebet, world)

        response = post(client_of, world, "log-out-at-ebet", end_sessions="on")

        assert response.status_code == 302
        assert ebet.requests[0].path == "/logout"
        assert not PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()

    def test_leaves_them_where_not(self, world: World, ebet: Ebet, client_of: Client) -> None:
        known_at(ebet, world)

        assert post(client_of, world, "log-out-at-ebet").status_code == 302

        assert PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()


class TestComparison:
    def test_shows_both_sides_and_marks_what_differs(
        self, world: World, ebet: Ebet, client_of: Client
    ) -> None:
        known_at(ebet, world)
        Player.objects.filter(pk=world.here.player.pk).update(ebet_user_id=88_900_002)

        text = post(client_of, world, "compare-with-ebet").content.decode()

        rows = [row for row in text.split("<tr>")[1:] if "differs" in row]
        assert [row.split("</th>")[0].rpartition(">")[2] for row in rows] == [
            "eBET&#x27;s user ID",
            "Sub-channel ID",
        ]
        assert "85.00" in text
        assert "Differences: 2." in text

    @pytest.mark.parametrize("number", ["--5", "²", "9" * 5_000, "", "9" * 19])
    def test_takes_a_number_that_is_none_for_unknown(
        self, world: World, ebet: Ebet, client_of: Client, number: str
    ) -> None:
        answer = {"status": 200, "channelId": number, "subChannelId": number}
        ebet.faults.add(Fault(kind="answer", value=answer))

        response = post(client_of, world, "compare-with-ebet")

        assert response.status_code == 200
        facts = {title: theirs for title, _ours, theirs, _differs in response.context["facts"]}
        assert (facts["Channel ID"], facts["Sub-channel ID"]) == ("—", "—")
        assert "Differences: 0." in response.content.decode()

    def test_changes_nothing(self, world: World, ebet: Ebet, client_of: Client) -> None:
        known_at(ebet, world)
        before = Player.objects.filter(pk=world.here.player.pk).values().get()

        post(client_of, world, "compare-with-ebet")

        assert Player.objects.filter(pk=world.here.player.pk).values().get() == before

    def test_is_reached_from_the_players_page(self, world: World, client_of: Client) -> None:
        page = client_of.get(reverse("admin:wallet_player_change", args=[world.here.player.pk]))

        for action in ACTIONS:
            assert address(world, action) in page.content.decode()
