"""POST /increaseCredit: the same message again, and messages from another time."""

from decimal import Decimal

import pytest

from callbacks.models import ReceivedCallback
from tests.callbacks.world import World, now_ms
from wallet import players

D = Decimal


class TestRepeatedBet:
    def test_d02_is_answered_as_the_first_time(self, world: World) -> None:
        message = world.message("bet", seqNo="ic-d02")
        first = world.send(message)
        world.move(2, "500", "p", round_code="BP1-251009101010")

        with world.nothing_moves():
            second = world.send(message)

        assert second.status == 200
        assert (second["money"], second["moneyBefore"]) == (first["money"], first["moneyBefore"])

    def test_d03_with_other_money_it_is_a_conflict(self, world: World) -> None:
        world.move(1, "-80", "b")

        with world.nothing_moves():
            reply = world.move(1, "-90", "b")

        assert reply.status == 4025
        (entry,) = world.entries(source="ebet:1")
        assert entry.amount == -80
        assert ReceivedCallback.Case.CONFLICT in [
            row.case for row in world.received("b", at_least=2)
        ]

    @pytest.mark.parametrize(
        "changes",
        [
            {"round_code": "R2"},
            {"currency": "USD"},
            {"username": "otto11", "sessionToken": "s-1-otto11", "currency": "USD"},
        ],
    )
    def test_with_other_content_it_is_a_conflict(
        self, world: World, changes: dict[str, str]
    ) -> None:
        world.move(1, "-80", "b")

        with world.nothing_moves():
            reply = world.move(1, "-80", "b", **changes)

        assert reply.status == 4025

    def test_timestamp_signature_and_session_do_not_make_it_another(self, world: World) -> None:
        world.move(1, "-80", "b")

        reply = world.move(1, "-80", "b", timestamp=now_ms() - 5000, sessionToken="s-other")

        assert (reply.status, reply["money"]) == (200, D("920.01"))

    def test_d21_it_is_answered_outside_the_window(self, world: World) -> None:
        first = world.move(1, "-80", "b")

        with world.nothing_moves():
            late = world.move(1, "-80", "b", timestamp=now_ms() - 7_200_000)

        assert (late.status, late["money"]) == (200, first["money"])

    def test_it_is_answered_after_the_player_was_locked(self, world: World) -> None:
        world.move(1, "-80", "b")
        players.lock(player=world.players["lily08"], reason="test")

        assert world.move(1, "-80", "b").status == 200

    def test_a_refusal_for_funds_stays(self, world: World) -> None:
        world.move(1, "-2000", "b")
        world.move(38, "5000", "e", round_code=None)

        with world.nothing_moves():
            reply = world.move(1, "-2000", "b")

        assert reply.status == 1003
        assert reply["money"] == D("1000.01")

    def test_a_refusal_for_the_session_does_not_stay(self, world: World) -> None:
        assert world.move(1, "-80", "b", sessionToken="s-999").status == 410
        assert world.move(1, "-80", "b").status == 200

    def test_bet_and_payout_may_share_a_seq_no(self, world: World) -> None:
        bet = world.move(1, "-80", "same")
        payout = world.move(2, "160", "same")

        assert (bet.status, payout.status) == (200, 200)
        assert world.balance() == D("1080.01")
        assert world.received("same", at_least=2)[-1].case == "shared_seq_no"


class TestClocks:
    @pytest.mark.parametrize("offset", [-44_000, 20_000, -590_000, 590_000])
    def test_d19_real_skew_is_accepted(self, world: World, offset: int) -> None:
        reply = world.move(1, "-80", "b", timestamp=now_ms() + offset)

        assert reply.status == 200

    def test_d19_bet_time_is_never_compared(self, world: World) -> None:
        assert world.move(1, "-80", "b", detail={"betTime": now_ms() + 44_000}).status == 200

    @pytest.mark.parametrize("offset", [-7_200_000, -610_000, 610_000])
    def test_d20_a_new_message_outside_the_window_is_refused(
        self, world: World, offset: int
    ) -> None:
        with world.nothing_moves():
            reply = world.move(1, "-80", "b", timestamp=now_ms() + offset)

        assert reply.status == 4025

    def test_tolerance_zero_switches_the_window_off(self, world: World) -> None:
        world.switch(timestamp_tolerance=0)

        assert world.move(1, "-80", "b", timestamp=1577808000000).status == 200

    def test_seconds_are_known_by_their_magnitude(self, world: World) -> None:
        assert world.move(1, "-80", "b", timestamp=now_ms() // 1000).status == 200
