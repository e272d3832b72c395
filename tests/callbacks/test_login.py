"""POST /registerOrLogin."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.callbacks.world import World, in_parallel
from wallet import players
from wallet.models import LoginEvent, Player

TYPES: dict[str, type] = {
    "accessToken": str,
    "subChannelId": int,
    "username": str,
    "sessionToken": str,
    "currency": str,
    "status": int,
    "event": str,
    "seqNo": str,
}


def assert_shape(answer: dict[str, Any]) -> None:
    for name, kind in TYPES.items():
        assert type(answer[name]) is kind, name


def login_events(world: World) -> list[str]:
    return list(
        LoginEvent.objects.filter(channel=world.channel)
        .order_by("id")
        .values_list("outcome", flat=True)
    )


class TestTokenLogin:
    def test_a01_opens_a_session_and_answers_every_required_member(self, world: World) -> None:
        before = world.sessions()

        with world.nothing_moves():
            reply = world.send(world.message("login_token", seqNo="rl-a01"))

        assert reply.status == 200
        assert_shape(reply.json)
        assert reply["accessToken"] == "tk-ok"
        assert reply["subChannelId"] == 0
        assert reply["username"] == "lily08"
        assert reply["currency"] == "CNY"
        assert (reply["event"], reply["seqNo"]) == ("registerOrLogin", "rl-a01")
        assert reply["sessionToken"] not in ("", "s-0")
        assert world.sessions() == before + 1
        assert login_events(world) == ["success"]

    def test_the_new_session_opens_sync_credit(self, world: World) -> None:
        session = world.send(world.message("login_token"))["sessionToken"]

        assert world.send(world.message("sync", sessionToken=session)).status == 200

    def test_a_token_that_is_not_fixed_is_used_up_and_replaced(self, world: World) -> None:
        players.issue_access_token(player=world.players["lily08"], token="tk-once")

        first = world.send(world.message("login_token", seqNo="1", accessToken="tk-once"))
        again = world.send(world.message("login_token", seqNo="2", accessToken="tk-once"))
        rotated = world.send(
            world.message("login_token", seqNo="3", accessToken=first["accessToken"])
        )

        assert first.status == 200
        assert first["accessToken"] not in ("", "tk-once")
        assert again.status == 410
        assert rotated.status == 200

    def test_a07_a_token_that_was_never_issued_is_refused(self, world: World) -> None:
        before = world.sessions()

        reply = world.send(world.message("login_token", accessToken="tk-nope"))

        assert reply.status == 410
        assert_shape(reply.json)
        assert world.sessions() == before
        assert login_events(world) == ["unknown_token"]

    def test_an_expired_token_is_refused(self, world: World) -> None:
        players.issue_access_token(
            player=world.players["lily08"],
            token="tk-old",
            expires_at=timezone.now() - timedelta(seconds=1),
        )

        assert world.send(world.message("login_token", accessToken="tk-old")).status == 410

    def test_another_players_token_is_refused(self, world: World) -> None:
        assert world.send(world.message("login_token", accessToken="tk-ok-otto11")).status == 410

    def test_an_empty_token_is_refused(self, world: World) -> None:
        assert world.send(world.message("login_token", accessToken="")).status == 410

    def test_the_password_may_be_left_out(self, world: World) -> None:
        assert world.send(world.message("login_token", password=...)).status == 200

    def test_a_missing_token_is_a_bad_parameter(self, world: World) -> None:
        assert world.send(world.message("login_token", accessToken=...)).status == 4025

    def test_a12_a_locked_player_is_refused_and_noted(self, world: World) -> None:
        before = world.sessions()

        reply = world.send(
            world.message("login_token", username="mona09", accessToken="tk-ok-mona09")
        )

        assert reply.status == 401
        assert world.sessions() == before
        assert login_events(world) == ["inactive"]

    def test_a_closed_player_is_refused(self, world: World) -> None:
        message = world.message("login_token", username="nell10", accessToken="tk-ok-nell10")

        assert world.send(message).status == 401

    def test_the_players_own_currency_counts(self, world: World) -> None:
        members = {"username": "otto11", "accessToken": "tk-ok-otto11"}

        right = world.send(world.message("login_token", seqNo="1", currency="USD", **members))
        wrong = world.send(world.message("login_token", seqNo="2", currency="CNY", **members))

        assert (right.status, right["currency"]) == (200, "USD")
        assert wrong.status == 4025

    def test_a_nickname_is_sent_when_there_is_one(self, world: World) -> None:
        Player.objects.filter(pk=world.players["lily08"].pk).update(nickname="Lily")

        assert world.send(world.message("login_token"))["nickname"] == "Lily"


class TestPasswordLogin:
    def test_a02_opens_a_session(self, world: World) -> None:
        reply = world.send(world.message("login_password", seqNo="rl-a02"))

        assert reply.status == 200
        assert_shape(reply.json)
        assert reply["sessionToken"]

    def test_a03_an_app_link_login_opens_a_session(self, world: World) -> None:
        reply = world.send(world.message("login_app_link", accessToken=""))

        assert reply.status == 200

    def test_a04_null_counts_as_empty(self, world: World) -> None:
        reply = world.send(world.message("login_password", accessToken=None))

        assert reply.status == 200

    def test_the_access_token_it_answers_logs_in(self, world: World) -> None:
        token = world.send(world.message("login_password", seqNo="1"))["accessToken"]

        assert world.send(world.message("login_token", seqNo="2", accessToken=token)).status == 200

    def test_page_and_app_link_may_share_a_seq_no(self, world: World) -> None:
        page = world.send(world.message("login_password", seqNo="same"))
        link = world.send(world.message("login_app_link", seqNo="same"))

        assert (page.status, link.status) == (200, 200)
        assert page["sessionToken"] != link["sessionToken"]

    def test_a08_a_wrong_password_is_refused_and_counted(self, world: World) -> None:
        before = world.sessions()

        reply = world.send(world.message("login_password", password="pw-lil"))

        assert reply.status == 401
        assert_shape(reply.json)
        assert world.sessions() == before
        assert login_events(world) == ["wrong_password"]

    def test_an_empty_password_is_refused(self, world: World) -> None:
        assert world.send(world.message("login_password", password="")).status == 401

    def test_a_player_without_password_cannot_log_in_by_one(self, world: World) -> None:
        message = world.message("login_password", username="otto11", currency="USD", password="x")

        assert world.send(message).status == 401

    def test_a_missing_password_is_a_bad_parameter(self, world: World) -> None:
        assert world.send(world.message("login_password", password=...)).status == 4025

    @pytest.mark.parametrize("event_type", [0, 2, 5, -1])
    def test_other_event_types_are_bad_parameters(self, world: World, event_type: int) -> None:
        assert world.send(world.message("login_password", eventType=event_type)).status == 4025

    def test_the_platform_is_stored_and_never_judged(self, world: World) -> None:
        for seq_no, platform in enumerate([None, -1, "web", 10**12, ...]):
            message = world.message("login_password", seqNo=str(seq_no), platform=platform)
            assert world.send(message).status == 200


class TestUnknownPlayer:
    def test_a09_a_token_login_is_refused_and_opens_no_account(self, world: World) -> None:
        for switch in (False, True):
            world.switch(auto_register=switch)

            reply = world.send(world.message("login_token", username="ghost99"))

            assert reply.status == 4037
        assert not Player.objects.filter(channel=world.channel, username="ghost99").exists()

    def test_a09_a_password_login_opens_an_account_where_the_channel_allows_it(
        self, world: World
    ) -> None:
        world.switch(auto_register=True)

        reply = world.send(world.message("login_password", username="ghost99", password="pw-ghost"))

        assert reply.status == 200
        player = Player.objects.get(channel=world.channel, username="ghost99")
        world.players["ghost99"] = player
        assert world.balance("ghost99") == 0
        assert player.currency == "CNY"
        assert players.check_password(player=player, password="pw-ghost")

    def test_without_the_switch_no_account_is_opened(self, world: World) -> None:
        message = world.message("login_password", username="ghost99", password="pw-ghost")

        assert world.send(message).status == 4037
        assert not Player.objects.filter(channel=world.channel, username="ghost99").exists()

    @pytest.mark.parametrize(
        ("username", "password"),
        [("ghost99", ""), ("ghost99", "pw"), ("Ghost 99", "pw-ghost"), ("游客", "pw-ghost")],
    )
    def test_what_our_policy_does_not_accept_opens_no_account(
        self, world: World, username: str, password: str
    ) -> None:
        world.switch(auto_register=True)

        reply = world.send(world.message("login_password", username=username, password=password))

        assert reply.status == 4037
        assert Player.objects.filter(channel=world.channel).count() == 4

    def test_parallel_copies_open_one_account_and_one_session(self, world: World) -> None:
        world.switch(auto_register=True)
        before = world.sessions()
        message = world.message("login_password", username="ghost99", password="pw-ghost")

        replies = in_parallel(8, lambda: world.send(message))

        assert {reply.status for reply in replies} == {200}
        assert len({reply["sessionToken"] for reply in replies}) == 1
        assert Player.objects.filter(channel=world.channel, username="ghost99").count() == 1
        assert world.sessions() == before + 1
