"""POST /registerOrLogin."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from callbacks.models import ReceivedCallback
from callbacks.parsing import Number, write_json
from providers.ebet.signing import sign
from tests.callbacks.world import PASSWORD_LOGIN, World, in_parallel, keys, text_to_sign
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


class TestRepeatedLogin:
    def test_a16_is_answered_with_the_same_session(self, world: World) -> None:
        before = world.sessions()
        message = world.message("login_token", seqNo="rl-a16")

        first, second = world.send(message), world.send(message)

        assert (first.status, second.status) == (200, 200)
        assert first["sessionToken"] == second["sessionToken"]
        assert world.sessions() == before + 1

    def test_a_used_up_token_answers_its_own_repeat(self, world: World) -> None:
        players.issue_access_token(player=world.players["lily08"], token="tk-once")
        message = world.message("login_token", accessToken="tk-once")

        first, second = world.send(message), world.send(message)

        assert second.status == 200
        assert second.json == first.json

    def test_parallel_copies_open_one_session(self, world: World) -> None:
        players.issue_access_token(player=world.players["lily08"], token="tk-once")
        before = world.sessions()
        message = world.message("login_token", accessToken="tk-once")

        replies = in_parallel(8, lambda: world.send(message))

        assert {reply.status for reply in replies} == {200}
        assert len({reply.body for reply in replies}) == 1
        assert world.sessions() == before + 1

    def test_it_is_answered_outside_the_window_and_after_locking(self, world: World) -> None:
        first = world.send(world.message("login_token", seqNo="x"))
        old = Number(str(world.message("sync")["timestamp"].token[:-3] + "000"))
        players.lock(player=world.players["lily08"], reason="test")

        late = world.message("login_token", seqNo="x", timestamp=int(old.token) - 7_200_000)

        assert world.send(late)["sessionToken"] == first["sessionToken"]

    def test_the_same_seq_no_for_another_player_is_a_conflict(self, world: World) -> None:
        world.send(world.message("login_token", seqNo="x"))

        reply = world.send(
            world.message(
                "login_token",
                seqNo="x",
                username="otto11",
                accessToken="tk-ok-otto11",
                currency="USD",
            )
        )

        assert reply.status == 4025
        assert world.received("x", at_least=2)[-1].case == ReceivedCallback.Case.CONFLICT


class TestLoginSignature:
    def test_a05_the_password_formula_does_not_sign_a_token_login(self, world: World) -> None:
        before = world.sessions()
        message = world.message("login_token")
        message["signature"] = sign(keys()["K1"][1], text_to_sign(message, PASSWORD_LOGIN))

        reply = world.send(message)

        assert reply.status == 4026
        assert_shape(reply.json)
        assert world.sessions() == before

    def test_a06_a_username_changed_after_signing_is_refused(self, world: World) -> None:
        reply = world.send(world.message("login_token") | {"username": "lily09"})

        assert reply.status == 4026

    def test_a10_an_unknown_channel_is_refused(self, world: World) -> None:
        reply = world.send(world.message("login_token", channelId=-(10**9)))

        assert reply.status == 202
        assert_shape(reply.json)

    def test_a21_unknown_members_order_and_whitespace_do_not_matter(self, world: World) -> None:
        message = world.message("login_token") | {"x": Number("1")}
        shuffled = dict(reversed(message.items()))
        body = write_json(shuffled).replace(",", " ,\n\t").encode()

        assert world.post("/registerOrLogin", body).status == 200

    def test_a_timestamp_written_with_a_fraction_may_be_signed_either_way(
        self, world: World
    ) -> None:
        for spelled in ("raw", "whole"):
            message = world.message("login_token", seqNo=spelled)
            whole = message["timestamp"]
            fraction = Number(f"{whole.token}.0")
            signed = message | {"timestamp": fraction if spelled == "raw" else whole}
            message["signature"] = world.signature(signed)

            assert world.send(message | {"timestamp": fraction}).status == 200


class TestLoginThrottle:
    def fail(self, world: World, times: int, **members: Any) -> None:
        for number in range(times):
            message = world.message(
                "login_token", seqNo=f"fail-{number}", accessToken="tk-nope", **members
            )
            assert world.send(message).status == 410

    def test_ten_failures_close_the_door_for_the_player(self, world: World) -> None:
        self.fail(world, 10)

        right = world.send(world.message("login_token", seqNo="right"))
        password = world.send(world.message("login_password", seqNo="right"))
        other = world.send(
            world.message(
                "login_token", username="otto11", accessToken="tk-ok-otto11", currency="USD"
            )
        )

        assert (right.status, password.status, other.status) == (4038, 4038, 200)
        assert_shape(right.json)

    def test_money_is_never_throttled(self, world: World) -> None:
        self.fail(world, 10)

        assert world.send(world.message("sync")).status == 200
        assert world.move(1, "-80", "b").status == 200

    def test_failures_age(self, world: World) -> None:
        self.fail(world, 10)
        LoginEvent.objects.filter(channel=world.channel).update(
            at=timezone.now() - timedelta(minutes=6)
        )

        assert world.send(world.message("login_token")).status == 200

    def test_fifty_failures_close_the_door_for_an_address(self, world: World) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(
                channel=world.channel,
                username=f"u{number}",
                outcome=LoginEvent.Outcome.WRONG_PASSWORD,
                address="203.0.113.50",
            )
            for number in range(50)
        )

        same = world.send(world.message("login_token", seqNo="1"))
        other = world.send(world.message("login_token", seqNo="2", ip="203.0.113.51"))

        assert (same.status, other.status) == (4038, 200)

    def test_ebets_own_address_is_everybodys_and_never_counts(self, world: World) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(
                channel=world.channel,
                username=f"u{number}",
                outcome=LoginEvent.Outcome.WRONG_PASSWORD,
                address="127.0.0.1",
            )
            for number in range(60)
        )

        assert world.send(world.message("login_token", ip="127.0.0.1")).status == 200
