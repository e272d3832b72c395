"""POST /syncCredit."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.callbacks.world import World, now_ms
from wallet import ledger, players
from wallet.models import EntryKind, PlayerSession, Wallet


class TestSync:
    def test_b01_answers_the_balance_and_moves_nothing(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.send(world.message("sync", seqNo="sc-b01"))

        assert reply.status == 200
        assert reply["username"] == "lily08"
        assert reply["money"] == Decimal("1000.01")
        assert reply["currency"] == "CNY"
        assert reply["event"] == "syncCredit"
        assert reply["seqNo"] == "sc-b01"
        assert abs(reply["timestamp"] - now_ms()) < 5000

    def test_b02_any_table_and_an_empty_password_change_nothing(self, world: World) -> None:
        for table_type in (1, None, 99, ...):
            reply = world.send(world.message("sync", tableType=table_type, password=""))
            assert (reply.status, reply["money"]) == (200, Decimal("1000.01"))

    @pytest.mark.parametrize(
        ("stored", "token"), [("0", "1000.01"), ("-0.01", "1000.00"), ("0.0099", "1000.01")]
    )
    def test_b03_money_is_a_number_with_two_decimals(
        self, world: World, stored: str, token: str
    ) -> None:
        adjust(world, stored)

        reply = world.send(world.message("sync"))

        assert re.search(rb'"money":([^,]+),', reply.body)[1] == token.encode()  # type: ignore[index]

    def test_b04_an_unknown_session_is_refused(self, world: World) -> None:
        reply = world.send(world.message("sync", sessionToken="s-999"))

        assert reply.status == 410
        assert reply["money"] == 0

    @pytest.mark.parametrize("session", ["", None, "s-1-otto11"])
    def test_no_session_or_anothers_is_refused(self, world: World, session: str | None) -> None:
        assert world.send(world.message("sync", sessionToken=session)).status == 410

    def test_a_session_out_of_use_is_refused(self, world: World) -> None:
        session = players.open_session(player=world.players["lily08"])
        PlayerSession.objects.filter(player=world.players["lily08"], fixed=False).update(
            last_used_at=timezone.now() - timedelta(hours=24, seconds=1)
        )

        assert world.send(world.message("sync", sessionToken=session)).status == 410

    def test_a_session_that_was_ended_is_refused(self, world: World) -> None:
        players.end_sessions(player=world.players["lily08"])

        assert world.send(world.message("sync")).status == 410

    @pytest.mark.parametrize("username", ["mona09", "nell10"])
    def test_b05_locked_and_closed_players_are_thrown_out(
        self, world: World, username: str
    ) -> None:
        reply = world.send(world.message("sync", username=username, sessionToken=f"s-1-{username}"))

        assert reply.status == 410
        assert reply["money"] == 0

    def test_b06_an_unknown_player_is_answered_4037(self, world: World) -> None:
        reply = world.send(world.message("sync", username="ghost99"))

        assert (reply.status, reply["money"], reply["username"]) == (4037, 0, "ghost99")

    def test_another_currency_is_a_bad_parameter(self, world: World) -> None:
        reply = world.send(world.message("sync", currency="USD"))

        assert (reply.status, reply["money"]) == (4025, 0)

    def test_a_negative_balance_is_told(self, world: World) -> None:
        world.move(15, "-1100", "c")

        assert world.send(world.message("sync"))["money"] == Decimal("-99.99")

    def test_the_older_spelling_is_sent_where_the_channel_wants_it(self, world: World) -> None:
        assert "userName" not in world.send(world.message("sync")).json
        world.switch(compat_username=True)

        assert world.send(world.message("sync"))["userName"] == "lily08"

    @pytest.mark.parametrize("offset", [-700_000, 700_000])
    def test_a_message_outside_the_window_is_refused(self, world: World, offset: int) -> None:
        assert world.send(world.message("sync", timestamp=now_ms() + offset)).status == 4025

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"username": ...}, 4025),
            ({"username": ""}, 4025),
            ({"username": 5}, 4030),
            ({"username": None}, 4030),
            ({"channelId": ...}, 4025),
            ({"channelId": "7"}, 4030),
            ({"channelId": True}, 4030),
            ({"channelId": Decimal("7.5")}, 4025),
            ({"channelId": 10**20}, 202),
            ({"timestamp": "now"}, 4030),
            ({"timestamp": Decimal("1760000000000.5")}, 4025),
            ({"timestamp": -1}, 4025),
            ({"sessionToken": ...}, 4025),
            ({"sessionToken": 5}, 4030),
            ({"seqNo": ...}, 4025),
            ({"seqNo": "x" * 129}, 4025),
            ({"tableType": "1"}, 4030),
            ({"event": ...}, 4025),
            ({"event": 5}, 4030),
            ({"event": None}, 4030),
            ({"event": "increaseCredit"}, 4029),
        ],
    )
    def test_members_are_judged_one_by_one(
        self, world: World, changes: dict[str, Any], status: int
    ) -> None:
        reply = world.send(world.message("sync", **changes), path="/syncCredit")

        assert (reply.http_status, reply.status, reply["money"]) == (200, status, 0)


def adjust(world: World, amount: str) -> None:
    """Fractions of a cent come from the agents' side, which has four decimals."""
    if Decimal(amount):
        ledger.post(
            wallet_id=Wallet.objects.get(player=world.players["lily08"], type_id=0).pk,
            kind=EntryKind.ADJUSTMENT,
            amount=Decimal(amount),
            source="test",
            reference="adjust",
        )
