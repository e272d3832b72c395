"""POST /callback, answered from our own wallets."""

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from callbacks.parsing import Number
from providers.ebet.signing import sign
from tests.callbacks.world import World, keys, text_to_sign
from wallet import players


class TestLoginNotice:
    def test_c01_answers_the_seven_wallets_and_moves_nothing(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.send(world.message("notice"))

        assert reply.status == 200
        answer = reply.json
        assert answer["channelId"] == world.channel.pk
        assert answer["subChannelId"] == 0
        assert answer["userId"] == world.players["lily08"].user_id
        assert answer["username"] == "lily08"
        assert answer["wallet"] == [
            {"typeId": number, "money": Decimal("1000.01") if number == 0 else 0}
            for number in range(7)
        ]
        assert answer["money"] == Decimal("1000.01")
        assert abs(answer["timestamp"] - time.time()) < 5
        assert isinstance(answer["apiVersion"], str)

    def test_other_wallets_show_their_own_money(self, world: World) -> None:
        world.switch(wallet_routes={"5": 3})
        world.move(37, "12.5", "x", detail={"tableType": 5})

        wallet = world.send(world.message("notice"))["wallet"]

        assert wallet[3] == {"typeId": 3, "money": Decimal("12.5")}

    def test_milliseconds_are_accepted(self, world: World) -> None:
        message = world.message("notice", timestamp=time.time_ns() // 1_000_000)

        assert world.send(message).status == 200

    def test_c02_another_order_of_the_signed_text_is_refused(self, world: World) -> None:
        message = world.message("notice")
        text = text_to_sign(message, "username+channelId+timestamp+accessToken")
        message["signature"] = sign(keys()["K1"][1], text)

        assert world.send(message).status == 4026

    @pytest.mark.parametrize(
        "name", ["username", "channelId", "timestamp", "accessToken", "signature"]
    )
    def test_c03_every_required_member_is_missed(self, world: World, name: str) -> None:
        left_out: dict[str, Any] = {name: ...}

        reply = world.send(world.message("notice", **left_out))

        assert reply.status == 4025
        assert len(reply["wallet"]) == 7
        assert reply["money"] == 0

    def test_c04_another_players_token_is_refused(self, world: World) -> None:
        assert world.send(world.message("notice", accessToken="tk-ok-otto11")).status == 410

    def test_an_expired_token_is_refused(self, world: World) -> None:
        players.issue_access_token(
            player=world.players["lily08"],
            token="tk-old",
            expires_at=timezone.now() - timedelta(seconds=1),
        )

        assert world.send(world.message("notice", accessToken="tk-old")).status == 410

    def test_it_does_not_use_the_token_up(self, world: World) -> None:
        players.issue_access_token(player=world.players["lily08"], token="tk-once")

        assert world.send(world.message("notice", accessToken="tk-once")).status == 200
        assert world.send(world.message("login_token", accessToken="tk-once")).status == 200

    def test_a_locked_player_is_refused(self, world: World) -> None:
        message = world.message("notice", username="mona09", accessToken="tk-ok-mona09")

        reply = world.send(message)

        assert (reply.status, reply["money"]) == (401, 0)

    def test_an_unknown_player_is_answered_4037(self, world: World) -> None:
        assert world.send(world.message("notice", username="ghost99")).status == 4037

    def test_c07_a_channel_may_switch_it_off(self, world: World) -> None:
        world.switch(serve_callback=False)

        assert world.send(world.message("notice")).status == 4029

    def test_a_message_outside_the_window_is_refused(self, world: World) -> None:
        message = world.message("notice", timestamp=int(time.time()) - 7200)

        assert world.send(message).status == 4025

    @pytest.mark.parametrize(
        ("changes", "status"),
        [({"accessToken": 5}, 4030), ({"accessToken": None}, 410), ({"subChannelId": "x"}, 200)],
    )
    def test_members_are_judged_one_by_one(
        self, world: World, changes: dict[str, Any], status: int
    ) -> None:
        assert world.send(world.message("notice", **changes)).status == status

    def test_an_event_of_another_name_is_refused(self, world: World) -> None:
        message = world.message("notice") | {"event": "syncCredit"}

        assert world.send(message, path="/callback").status == 4029

    def test_the_channel_id_is_a_number_even_where_it_is_refused(self, world: World) -> None:
        reply = world.send(world.message("notice", channelId=Number("1e5")))

        assert (reply.status, reply["channelId"]) == (4025, 0)
