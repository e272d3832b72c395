"""A file with mistakes: each is reported with its place, and nothing changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from tests.wallet.provisioning_files import Run, document, run_in, write_keys
from wallet import players
from wallet.models import Agent, Channel, LedgerEntry, Player
from wallet.provisioning import Channels, ProvisioningFailed, provision

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path: Path) -> Run:
    write_keys(tmp_path)
    return run_in(tmp_path)


def problems(run: Run, content: Any) -> list[str]:
    """What is reported; also checks that nothing was written."""
    before = [model.objects.count() for model in (Channel, Agent, Player, LedgerEntry, User)]
    with pytest.raises(ProvisioningFailed) as raised:
        run(content)
    after = [model.objects.count() for model in (Channel, Agent, Player, LedgerEntry, User)]
    assert before == after
    return list(raised.value.problems)


class TestAFileWithManyMistakes:
    def test_reports_all_of_them_with_their_places(self, run: Run) -> None:
        content = document()
        channel, player = content["channels"][0], content["players"][0]
        channel["colour"] = "red"
        channel["currency"] = "yuan"
        channel["timestamp_tolerance"] = "600"
        channel["allowed_networks"] = ["127.0.0.1/32", "somewhere"]
        channel["refund_mode"] = "never"
        channel["wallet_routes"] = {"5": 9}
        channel["keys"][0]["private_key"] = "absent.pem"
        content["agents"][0]["sub_channel_id"] = 4
        del content["agents"][0]["channel_id"]
        player["username"] = "Li ly"
        player["password"] = "pw"
        player["wallets"] = {"0": 1000.01, "9": "1", "1": "-1", "2": "0.00001"}
        player["access_tokens"].append({"token": "x", "expires_at": "tomorrow"})
        content["staff"][0]["role"] = "King"
        content["staff"][0]["channels"] = [7, 70]
        content["stuff"] = []

        assert sorted(problems(run, content)) == [
            "agents[0].channel_id: is required",
            (
                "channels[0].allowed_networks[1]: “somewhere” is not a network: write it as"
                " 203.0.113.0/24 or 203.0.113.10/32."
            ),
            "channels[0].colour: is not a known member",
            "channels[0].currency: Use the currency's code, such as CNY.",
            "channels[0].keys[0].private_key: absent.pem cannot be read: No such file or directory",
            "channels[0].refund_mode: Value 'never' is not a valid choice.",
            "channels[0].timestamp_tolerance: must be a whole number",
            'channels[0].wallet_routes: Map tableType numbers to wallets 0–6, such as {"5": 1}.',
            (
                "players[0].access_tokens[2].expires_at: must be a time with its zone, such as"
                " 2026-01-01T00:00:00Z"
            ),
            "players[0].password: A password has 5 to 64 characters.",
            (
                "players[0].username: Use lower-case letters, digits and . _ @ - and begin with a"
                " letter or digit."
            ),
            'players[0].wallets.0: write the amount as text, such as "1000.01"',
            "players[0].wallets.1: must be an amount from 0, with at most 4 decimals",
            "players[0].wallets.2: must be an amount from 0, with at most 4 decimals",
            "players[0].wallets.9: there is no such wallet type",
            "staff[0].channels[1]: there is no channel 70",
            "staff[0].role: is none of Operations, Finance, Risk, Auditor, Administrator",
            "stuff: is not a known member",
        ]

    def test_names_members_that_are_given_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "file.json"
        path.write_text('{"channels": [{"channel_id": 7, "name": "a", "name": "b"}]}')

        with pytest.raises(ProvisioningFailed) as raised:
            provision(path, (Channels,))

        assert raised.value.problems == ["channels[0].name: is given twice"]

    def test_names_objects_that_are_described_twice(self, run: Run) -> None:
        content = document()
        content["channels"].append({"channel_id": 7})
        content["players"].append({"channel_id": 7, "username": "LILY08"})

        assert problems(run, content) == [
            "channels[1]: is described already at channels[0]",
            "players[1]: is described already at players[0]",
        ]


class TestKeyFiles:
    def test_must_be_pem(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "k1.pub.pem").write_text("no key")

        assert problems(run, document()) == [
            "channels[0].keys[0].public_key: This is no public key in PEM."
        ]

    def test_must_be_one_pair(self, run: Run) -> None:
        content = document()
        content["channels"][0]["keys"][0]["private_key"] = "k2.pem"

        assert problems(run, content) == [
            "channels[0].keys[0].private_key: The private key belongs to another public key."
        ]

    def test_below_1024_bits_need_the_switch(self, run: Run) -> None:
        content = document()
        content["channels"][0]["keys"] = [{"state": "active", "public_key": "weak.pub.pem"}]
        content["channels"][0]["allow_weak_keys"] = False

        assert problems(run, content) == [
            "channels[0].keys[0].public_key: has 512 bits; fewer than 1024 need allow_weak_keys"
        ]


class TestConflictsWithWhatIsThere:
    def test_are_reported_together(self, run: Run) -> None:
        run(document())
        players.close(player=Player.objects.get(), reason="gone")
        content = document()
        content["channels"][0]["currency"] = "USD"
        content["channels"][0]["sub_channels"][0]["name"] = "South-3"
        content["players"][0]["currency"] = "USD"
        content["players"].append(
            {"channel_id": 7, "username": "max", "user_id": 5001, "access_tokens": ["tk-ok"]}
        )

        assert problems(run, content) == [
            "channels[0].currency: stays CNY: the channel has players",
            "channels[0].sub_channels[0].name: stays “North-3”: the sub-channel is in use",
            "players[0].currency: stays CNY: the player has wallets in it",
            "players[0].status: a closed account stays closed",
            "players[1].user_id: is described already at players[0].user_id",
            "players[1].user_id: belongs to another player of the channel",
            "players[1].access_tokens[0]: is described already at players[0].access_tokens[0]",
            "players[1].access_tokens[0]: belongs to another player of the channel",
        ]

    def test_include_agents_that_would_run_in_a_circle(self, run: Run) -> None:
        content = document()
        content["agents"][0]["parent_id"] = "b"
        content["agents"].append({"channel_id": 7, "agent_id": "b", "parent_id": "acme01"})

        assert problems(run, content) == [
            "agents[0].parent_id: would make the agent its own ancestor",
            "agents[1].parent_id: would make the agent its own ancestor",
        ]

    def test_include_numbers_that_exist_nowhere(self, run: Run) -> None:
        assert problems(
            run,
            {
                "agents": [{"channel_id": 9, "agent_id": "a"}],
                "players": [{"channel_id": 9, "username": "max"}],
            },
        ) == [
            "agents[0].channel_id: there is no channel 9",
            "players[0].channel_id: there is no channel 9",
        ]


class TestAFileThatIsNoDocument:
    @pytest.mark.parametrize("content", ["[]", '"x"', "null"])
    def test_must_be_an_object(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "file.json"
        path.write_text(content)

        with pytest.raises(ProvisioningFailed, match="the file: must be an object"):
            provision(path, (Channels,))

    def test_must_be_json(self, tmp_path: Path) -> None:
        path = tmp_path / "file.json"
        path.write_text('{"channels": [NaN]}')

        with pytest.raises(ProvisioningFailed, match="not valid JSON: NaN is not a JSON value"):
            provision(path, (Channels,))

    def test_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(ProvisioningFailed, match=r"cannot be read: .*No such file"):
            provision(tmp_path / "absent.json", (Channels,))


class TestAWeakPasswordOfStaff:
    def test_is_refused_where_others_than_this_machine_can_sign_in(
        self, run: Run, settings: Settings
    ) -> None:
        settings.EMBEDDED = False
        content = document()
        content["staff"][0]["password"] = "short"

        (problem,) = problems(run, content)

        assert problem.startswith("staff[0].password: weak. This password is too short.")

    def test_is_noted_in_the_demo(self, run: Run) -> None:
        content = document()
        content["staff"][0]["password"] = "short"

        report = run(content)

        assert report.notes[-1].startswith("staff[0].password: weak.")
