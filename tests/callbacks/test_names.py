"""Usernames and addresses as eBET may write them."""

import pytest

from tests.callbacks.world import World


class TestAUsernameInUpperCase:
    def test_is_the_players_own_in_lower_case(self, world: World) -> None:
        reply = world.send(world.message("sync", username="LILY08"))

        assert (reply.status, reply["username"]) == (200, "lily08")

    def test_moves_money_under_the_signature_of_what_was_sent(self, world: World) -> None:
        assert world.move(1, "-80", "b1", username="Lily08").status == 200
        with world.nothing_moves():
            assert world.move(1, "-80", "b1").status == 200


class TestAnAddressWithAZone:
    @pytest.mark.parametrize("payload", ["login_token", "login_password"])
    def test_is_no_reason_to_fail(self, world: World, payload: str) -> None:
        assert world.send(world.message(payload, ip="fe80::1%eth0")).status == 200


class TestARepeatedMovement:
    def test_is_answered_byte_for_byte_as_the_first(self, world: World) -> None:
        message = world.movement(1, "-80", "b1")

        first, again = world.send(message), world.send(message)

        assert again.body == first.body
