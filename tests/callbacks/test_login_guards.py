"""POST /registerOrLogin: repeats, signatures and guessing."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from callbacks.models import ReceivedCallback
from callbacks.parsing import Number, write_json
from providers.ebet.signing import sign
from tests.callbacks.world import PASSWORD_LOGIN, World, in_parallel, keys, text_to_sign
from wallet import players, throttling
from wallet.models import LoginEvent

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

    def test_staff_open_the_door_again(self, world: World) -> None:
        self.fail(world, 10)
        throttling.forgive(world.players["lily08"])

        assert world.send(world.message("login_token", seqNo="right")).status == 200

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

    def test_an_address_that_guesses_does_not_learn_which_names_there_are(
        self, world: World
    ) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(
                channel=world.channel,
                username=f"u{number}",
                outcome=LoginEvent.Outcome.UNKNOWN_TOKEN,
                address="203.0.113.50",
            )
            for number in range(50)
        )

        known = world.send(world.message("login_token", seqNo="1"))
        unknown = world.send(world.message("login_token", seqNo="2", username="ghost99"))
        elsewhere = world.send(
            world.message("login_token", seqNo="3", username="ghost99", ip="203.0.113.51")
        )

        assert (known.status, unknown.status, elsewhere.status) == (4038, 4038, 4037)

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
