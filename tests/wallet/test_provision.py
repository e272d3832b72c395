"""What a provisioning file makes, and what a second run of it changes."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.wallet.provisioning_files import Run, document, run_in, write_keys
from wallet import players
from wallet.models import (
    AccessToken,
    Agent,
    Channel,
    ChannelKey,
    LedgerEntry,
    Player,
    PlayerSession,
    SubChannel,
    Wallet,
)
from wallet.secrets import token_digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path: Path) -> Run:
    write_keys(tmp_path)
    return run_in(tmp_path)


def lily() -> Player:
    return Player.objects.get(channel=7, username="lily08")


def balances(player: Player) -> dict[int, Decimal]:
    return dict(Wallet.objects.filter(player=player).values_list("type_id", "balance"))


class TestAFileForAnEmptyDatabase:
    def test_makes_the_channel_with_every_switch(self, run: Run) -> None:
        run(document())

        channel = Channel.objects.get(pk=7)
        assert (channel.name, channel.currency, channel.status) == ("North", "CNY", "active")
        assert channel.allowed_networks == ["127.0.0.1/32"]
        assert channel.wallet_routes == {"5": 1}
        assert channel.ebet_api_url == "http://127.0.0.1:8090"
        assert channel.launch_url == "https://games.example/h5"
        assert channel.allow_weak_keys
        assert [(sub.number, sub.name) for sub in channel.sub_channels.all()] == [(3, "North-3")]

    def test_keeps_both_halves_of_the_key(self, run: Run, tmp_path: Path) -> None:
        run(document())

        key = ChannelKey.objects.get(channel=7)
        assert (key.state, key.bits) == ("active", 1024)
        assert key.public_pem == (tmp_path / "k1.pub.pem").read_text()
        assert key.private_pem == (tmp_path / "k1.pem").read_text()
        assert len(key.fingerprint) == 64

    def test_makes_the_agent(self, run: Run) -> None:
        run(document())

        agent = Agent.objects.get(channel=7)
        assert agent.sub_channel is not None
        assert (agent.agent_id, agent.sub_channel.number) == ("acme01", 3)
        assert (agent.api_username, agent.api_password) == ("acme", "acme-secret")

    def test_registers_the_player_with_all_wallets(self, run: Run) -> None:
        run(document())

        player = lily()
        assert (player.nickname, player.user_id, player.status) == ("Lily", 5001, "active")
        assert player.agent_id == Agent.objects.get().pk
        assert player.sub_channel_id == SubChannel.objects.get().pk
        assert players.check_password(player=player, password="pw-lily")
        assert balances(player) == {0: Decimal("1000.01")} | dict.fromkeys(range(1, 7), Decimal(0))

    def test_posts_the_opening_balance(self, run: Run) -> None:
        run(document())

        entry = LedgerEntry.objects.get(player=lily())
        assert (entry.kind, entry.amount, entry.balance_after) == (
            "opening",
            Decimal("1000.01"),
            Decimal("1000.01"),
        )

    def test_fixes_plain_tokens_and_sessions_and_lets_the_others_expire(self, run: Run) -> None:
        run(document())

        tokens = {
            bytes(row.digest): (row.fixed, row.expires_at) for row in AccessToken.objects.all()
        }
        assert tokens == {
            token_digest("tk-ok"): (True, None),
            token_digest("tk-old"): (False, datetime(2026, 1, 1, tzinfo=UTC)),
        }
        session = PlayerSession.objects.get()
        assert (bytes(session.digest), session.fixed) == (token_digest("s-1"), True)

    def test_makes_staff_with_role_and_scope(self, run: Run) -> None:
        run(document())

        user = User.objects.get(username="fin")
        assert (user.is_staff, user.is_superuser) == (True, False)
        assert user.check_password("river-otter-41")
        assert [group.name for group in user.groups.all()] == ["Finance"]
        scope = user.scopes.get()
        assert (scope.channel_id, scope.sub_channel_id) == (7, None)

    def test_needs_only_the_ids(self, run: Run) -> None:
        run(
            {
                "channels": [{"channel_id": -1}],
                "agents": [{"channel_id": -1, "agent_id": "a"}],
                "players": [{"channel_id": -1, "username": "Bo"}],
                "staff": [{"username": "s"}],
            }
        )

        channel = Channel.objects.get(pk=-1)
        assert (channel.name, channel.currency, channel.allowed_networks) == (
            "Channel -1",
            "CNY",
            [],
        )
        player = Player.objects.get(channel=-1)
        assert (player.username, player.password[0]) == ("bo", "!")
        assert not User.objects.get(username="s").has_usable_password()

    def test_takes_sub_channel_0_for_none(self, run: Run) -> None:
        content = document()
        content["agents"][0]["sub_channel_id"] = 0
        content["players"][0]["sub_channel_id"] = 0

        run(content)

        assert Agent.objects.get().sub_channel is None
        assert lily().sub_channel is None

    def test_gives_a_locked_player_the_session_named(self, run: Run) -> None:
        content = document()
        content["players"][0]["status"] = "locked"

        run(content)

        assert lily().status == "locked"
        assert PlayerSession.objects.live().count() == 1

    def test_hangs_agents_below_their_parents_in_any_order(self, run: Run) -> None:
        content = document()
        content["agents"].insert(
            0, {"agent_id": "child", "channel_id": 7, "parent_id": "acme01", "name": "Child"}
        )

        run(content)

        child = Agent.objects.select_related("parent").get(agent_id="child")
        assert child.parent is not None
        assert (child.name, child.parent.agent_id) == ("Child", "acme01")

    def test_is_counted_in_the_report(self, run: Run) -> None:
        assert run(document()).lines() == [
            "channels: 1 created, 0 updated, 0 kept",
            "keys: 1 created, 0 updated, 0 kept",
            "sub_channels: 1 created, 0 updated, 0 kept",
            "agents: 1 created, 0 updated, 0 kept",
            "players: 1 created, 0 updated, 0 kept",
            "staff: 1 created, 0 updated, 0 kept",
        ]


class TestASecondRun:
    def test_changes_nothing_and_says_that_the_wallet_stays(self, run: Run) -> None:
        run(document())

        report = run(document())

        assert report.lines() == [
            "channels: 0 created, 0 updated, 1 kept",
            "keys: 0 created, 0 updated, 1 kept",
            "sub_channels: 0 created, 0 updated, 1 kept",
            "agents: 0 created, 0 updated, 1 kept",
            "players: 0 created, 0 updated, 1 kept",
            "staff: 0 created, 0 updated, 1 kept",
            "players[0].wallets.0: 7/lily08 has this wallet already, its balance stays as it is",
        ]
        assert AccessToken.objects.count() == 2
        assert PlayerSession.objects.count() == 1

    def test_keeps_what_the_file_leaves_out(self, run: Run) -> None:
        run(document())

        run(
            {
                "channels": [{"channel_id": 7, "name": "North 2"}],
                "agents": [{"channel_id": 7, "agent_id": "acme01"}],
                "players": [{"channel_id": 7, "username": "lily08", "nickname": "Lil"}],
                "staff": [{"username": "fin"}],
            }
        )

        channel = Channel.objects.get(pk=7)
        assert (channel.name, channel.wallet_routes) == ("North 2", {"5": 1})
        player = lily()
        assert (player.nickname, player.user_id) == ("Lil", 5001)
        assert player.agent_id is not None
        assert players.check_password(player=player, password="pw-lily")
        assert User.objects.get(username="fin").scopes.count() == 1

    def test_never_moves_money_in_an_existing_wallet(self, run: Run) -> None:
        run(document())
        content = document()
        content["players"][0]["wallets"] = {"0": "5.00", "1": "0"}
        run(content)
        content["players"][0]["wallets"] = {"0": "5.00", "1": "5.00"}

        run(content)

        assert balances(lily())[0] == Decimal("1000.01")
        assert balances(lily())[1] == 0
        assert LedgerEntry.objects.count() == 2

    def test_adds_tokens_and_sessions(self, run: Run) -> None:
        run(document())
        content = document()
        content["players"][0]["access_tokens"] = ["tk-new"]
        content["players"][0]["sessions"] = ["s-2"]

        run(content)

        assert AccessToken.objects.filter(player=lily()).count() == 3
        assert PlayerSession.objects.filter(player=lily()).count() == 2

    def test_opens_a_named_session_again(self, run: Run) -> None:
        run(document())
        players.end_sessions(player=lily())

        run(document())

        assert PlayerSession.objects.live().count() == 1

    def test_makes_another_key_the_active_one(self, run: Run) -> None:
        run(document())
        content = document()
        content["channels"][0]["keys"] = [
            {"state": "active", "public_key": "k2.pub.pem", "private_key": "k2.pem"}
        ]

        report = run(content)

        states = dict(ChannelKey.objects.values_list("state", "retired_at"))
        assert set(states) == {"active", "retired"}
        assert states["active"] is None
        assert states["retired"] is not None
        assert "is retired, the file names another as active" in report.notes[0]

    def test_takes_further_active_keys_as_next_ones(self, run: Run) -> None:
        content = document()
        content["channels"][0]["keys"].append({"state": "active", "public_key": "k2.pub.pem"})

        run(content)
        report = run(content)

        assert sorted(ChannelKey.objects.values_list("state", flat=True)) == ["active", "next"]
        assert report.lines()[1] == "keys: 0 created, 0 updated, 2 kept"

    def test_gives_a_wallet_without_an_entry_its_opening_balance(self, run: Run) -> None:
        run(document())
        content = document()
        content["players"][0]["wallets"]["2"] = "5"

        run(content)
        run(content)

        wallet = Player.objects.get(username="lily08").wallets.get(type_id=2)
        assert (wallet.balance, wallet.version) == (5, 1)

    def test_changes_password_status_role_and_scope(self, run: Run) -> None:
        run(document())
        content = document()
        content["channels"].append({"channel_id": 8})
        content["players"][0] |= {"password": "pw-lily-2", "status": "locked", "sessions": []}
        content["staff"][0] |= {"role": "Auditor", "channels": [8]}

        run(content)

        assert players.check_password(player=lily(), password="pw-lily-2")
        assert lily().status == "locked"
        assert PlayerSession.objects.live().count() == 0
        user = User.objects.get(username="fin")
        assert [group.name for group in user.groups.all()] == ["Auditor"]
        assert list(user.scopes.values_list("channel_id", flat=True)) == [8]
