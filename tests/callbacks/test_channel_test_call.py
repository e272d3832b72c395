"""The test call of a channel: each step says what it found, and no money moves."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from callbacks.models import ReceivedCallback
from providers.ebet.selftest import Outcome, try_channel
from providers.simulators.ebet import Ebet
from tests.callbacks.world import World, keys
from wallet.models import ChannelKey


def _outcomes(world: World) -> list[tuple[str, str]]:
    with world.nothing_moves():
        steps = try_channel(world.channel, own_url=world.url)
    return [(step.outcome.value, step.text) for step in steps]


@pytest.fixture
def nobody(world: World) -> str:
    return "http://127.0.0.1:9/"


class TestAChannelThatWorks:
    def test_passes_every_step(self, world: World, ebet: Ebet) -> None:
        outcomes = [outcome for outcome, _text in _outcomes(world)]

        assert outcomes == ["good"] * 7

    def test_leaves_its_messages_in_the_inbox(self, world: World, ebet: Ebet) -> None:
        _outcomes(world)

        received = ReceivedCallback.objects.get(
            channel_number=world.channel.pk, event="queryIncreaseCreditRecord"
        )
        assert (received.username, received.status) == ("test-call", 4037)


class TestAChannelThatDoesNot:
    def test_is_told_that_nobody_may_call(self, world: World) -> None:
        world.switch(allowed_networks=[])

        _status, networks, _key, _pair, _net, signed, _ebet = _outcomes(world)

        assert networks[0] == "bad"
        assert signed[0] == "warning"
        assert signed[1].startswith("4027")

    def test_is_told_of_maintenance(self, world: World) -> None:
        world.switch(status="maintenance")

        status, *_others = _outcomes(world)

        assert status[0] == "warning"
        assert "505" in status[1]

    def test_is_told_that_the_halves_differ(self, world: World) -> None:
        ChannelKey.objects.filter(channel=world.channel).update(private_pem=keys()["K9"][1])

        _status, _networks, _key, pair, _net, signed, _ebet = _outcomes(world)

        assert pair[0] == "bad"
        assert (signed[0], signed[1][:4]) == ("bad", "4026")

    def test_is_told_what_needs_the_private_half(self, world: World, ebet: Ebet) -> None:
        ChannelKey.objects.filter(channel=world.channel).update(private_pem="")

        steps = _outcomes(world)

        assert [outcome for outcome, _text in steps] == [
            "good", "good", "good", "skipped", "good", "skipped", "skipped",
        ]  # fmt: skip
        assert steps[-1][1] == "The channel has no private key to sign with."

    def test_is_told_that_it_has_no_key(self, world: World) -> None:
        ChannelKey.objects.filter(channel=world.channel).update(state=ChannelKey.State.RETIRED)

        assert _outcomes(world)[2][0] == "bad"

    def test_is_told_that_ebet_does_not_know_the_key(self, world: World, ebet: Ebet) -> None:
        ebet.rules["keys"] = {str(world.channel.pk): keys()["K9"][0]}

        *_others, answer = _outcomes(world)

        assert answer[0] == "bad"
        assert "4026" in answer[1]

    def test_is_told_that_nobody_answers(self, world: World, nobody: str) -> None:
        world.switch(ebet_api_url=nobody)

        steps = try_channel(world.channel, own_url=nobody)

        assert [step.outcome for step in steps[4:]] == [Outcome.BAD] * 3


class TestThePage:
    def test_shows_every_step_and_no_secret(self, world: World) -> None:
        client = Client()
        client.force_login(User.objects.create_superuser(f"root{world.channel.pk}"))
        address = f"/admin/wallet/channel/{world.channel.pk}/test-call/"

        page = client.post(address).content.decode()

        assert "Its two halves belong together" in page
        assert "Signed with the private half" in page
        assert "PRIVATE KEY" not in page
