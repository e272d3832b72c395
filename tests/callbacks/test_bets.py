"""POST /increaseCredit: what players stake."""

from datetime import timedelta
from decimal import Decimal

import pytest

from callbacks.models import ReceivedCallback
from callbacks.parsing import Number
from tests.callbacks.world import World, in_parallel, now_ms
from wallet import players
from wallet.models import PlayerSession

D = Decimal


class TestBet:
    def test_d01_takes_the_money_and_answers_both_balances(self, world: World) -> None:
        reply = world.send(world.message("bet", seqNo="ic-d01"))

        assert reply.status == 200
        assert reply["moneyBefore"] == D("1000.01")
        assert reply["money"] == D("920.01")
        assert (reply["username"], reply["event"]) == ("lily08", "increaseCredit")
        assert reply["seqNo"] == "ic-d01"
        assert abs(reply["timestamp"] - now_ms()) < 5000
        assert world.balance() == D("920.01")
        (entry,) = world.entries(source="ebet:1")
        assert (entry.kind, entry.amount, entry.round_code) == ("bet", D(-80), "BP1-251009101010")

    def test_the_ledger_keeps_the_detail_as_it_was_sent(self, world: World) -> None:
        world.move(1, "-80", "b", detail={"odds": Number("1.50"), "note": "庄"})

        (entry,) = world.entries(source="ebet:1")
        assert entry.detail == {
            "tableCode": "BP1",
            "tableType": 1,
            "roundCode": "R",
            "odds": 1.5,
            "note": "庄",
        }

    def test_d04_more_than_the_balance_is_refused_with_the_balance(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.move(1, "-1000.02", "b")

        assert reply.status == 1003
        assert reply["money"] == reply["moneyBefore"] == D("1000.01")
        (entry,) = world.entries(source="ebet:1")
        assert (entry.outcome, entry.code) == ("refused", "insufficient_funds")

    def test_the_last_cent_can_be_staked(self, world: World) -> None:
        reply = world.move(1, "-1000.01", "b")

        assert (reply.status, reply["money"]) == (200, 0)

    def test_many_small_bets_add_up_exactly(self, world: World) -> None:
        for number in range(10):
            world.move(1, "-0.1", f"b{number}")

        assert world.balance() == D("999.01")

    def test_d27_the_stake_is_money_and_never_total_bet(self, world: World) -> None:
        world.give("18999.99")

        reply = world.send(world.message("bet_texas_holdem"))

        assert reply.status == 200
        assert reply["moneyBefore"] - reply["money"] == 19275

    @pytest.mark.parametrize("code", [1, 3, 8, 27])
    def test_d36_a_locked_player_stakes_nothing(self, world: World, code: int) -> None:
        with world.nothing_moves():
            reply = world.move(code, "-80", "b", username="mona09", sessionToken="s-1-mona09")

        assert reply.status == 410
        assert reply["money"] == reply["moneyBefore"] == 0

    @pytest.mark.parametrize("code", [1, 3, 8, 27])
    def test_a_closed_player_stakes_nothing(self, world: World, code: int) -> None:
        with world.nothing_moves():
            reply = world.move(code, "-80", "b", username="nell10", sessionToken="s-1-nell10")

        assert reply.status == 410

    @pytest.mark.parametrize("code", [1, 3, 8, 27])
    @pytest.mark.parametrize("session", ["s-999", "", None, ..., "s-1-otto11"])
    def test_without_an_open_session_of_the_player_nothing_is_staked(
        self, world: World, code: int, session: object
    ) -> None:
        with world.nothing_moves():
            reply = world.move(code, "-80", "b", sessionToken=session)

        assert reply.status == 410

    def test_d38_an_expired_session_stakes_nothing_but_settles(self, world: World) -> None:
        players.open_session(player=world.players["lily08"], token="s-idle")
        world.move(1, "-80", "b1", sessionToken="s-idle")
        PlayerSession.objects.filter(player=world.players["lily08"], fixed=False).update(
            last_used_at="2020-01-01T00:00:00Z"
        )

        bet = world.move(1, "-80", "b2", sessionToken="s-idle")
        payout = world.move(2, "160", "p", sessionToken="s-idle")

        assert (bet.status, payout.status) == (410, 200)
        assert world.balance() == D("1080.01")

    def test_use_keeps_a_session_open(self, world: World) -> None:
        players.open_session(player=world.players["lily08"], token="s-used")
        session = PlayerSession.objects.get(player=world.players["lily08"], fixed=False)
        PlayerSession.objects.filter(pk=session.pk).update(
            last_used_at=session.last_used_at - timedelta(hours=23)
        )

        world.move(1, "-1", "b", sessionToken="s-used")

        refreshed = PlayerSession.objects.get(pk=session.pk)
        assert refreshed.last_used_at > session.created_at

    def test_another_currency_than_the_players_moves_nothing(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.move(1, "-80", "b", currency="USD")

        assert reply.status == 4025
        assert reply["money"] == 0

    def test_an_unknown_player_is_answered_4037(self, world: World) -> None:
        reply = world.move(1, "-80", "b", username="ghost99")

        assert reply.status == 4037
        assert reply["money"] == reply["moneyBefore"] == 0

    def test_d41_parallel_copies_take_the_money_once(self, world: World) -> None:
        message = world.message("bet", seqNo="ic-d41")

        replies = in_parallel(20, lambda: world.send(message))

        assert {reply.status for reply in replies} == {200}
        assert len({(reply["money"], reply["moneyBefore"]) for reply in replies}) == 1
        assert world.balance() == D("920.01")
        assert len(world.entries(source="ebet:1")) == 1

    def test_parallel_bets_never_take_more_than_there_is(self, world: World) -> None:
        messages = iter([world.movement(1, "-300", f"b{number}") for number in range(8)])

        replies = in_parallel(8, lambda: world.send(next(messages)))

        statuses = sorted(reply.status for reply in replies)
        assert statuses == [200, 200, 200, 1003, 1003, 1003, 1003, 1003]
        assert world.balance() == D("100.01")


class TestMoneyOnTheWire:
    @pytest.mark.parametrize(
        ("token", "status"),
        [("-0.001", 4025), ("-1e2", 4025), ("-80.123", 4025), ("-99999999999999", 4025)],
    )
    def test_d35_what_is_no_amount_is_a_bad_parameter(
        self, world: World, token: str, status: int
    ) -> None:
        with world.nothing_moves():
            reply = world.move(1, token, "b")

        assert reply.status == status

    @pytest.mark.parametrize("value", ["-80", None, True, [], {}])
    def test_d35_another_json_type_is_a_bad_type(self, world: World, value: object) -> None:
        with world.nothing_moves():
            reply = world.send(
                world.movement(
                    1,
                    "-80",
                    "b",
                )
                | {"money": value}
            )

        assert reply.status == 4030

    def test_d35_nan_is_no_json(self, world: World) -> None:
        message = world.movement(1, "-80", "b") | {"money": Number("NaN")}

        with world.nothing_moves():
            assert world.send(message).status == 4030

    def test_d12_the_amount_is_signed_as_it_is_written(self, world: World) -> None:
        message = world.movement(1, "-2.4", "b")
        message["signature"] = world.signature(message | {"money": Number("-2.40")})

        with world.nothing_moves():
            assert world.send(message).status == 4026

    @pytest.mark.parametrize("token", ["-2.4", "-2.40", "-2", "-2.0"])
    def test_every_spelling_counts_when_it_is_the_one_that_was_signed(
        self, world: World, token: str
    ) -> None:
        assert world.move(1, token, "b").status == 200

    @pytest.mark.parametrize(
        ("code", "money"),
        [
            (1, "80"),
            (1, "0"),
            (2, "-80"),
            (3, "80"),
            (6, "-80"),
            (8, "80"),
            (9, "-80"),
            (11, "-80"),
            (14, "-80"),
            (15, "80"),
            (23, "-80"),
            (24, "-80"),
            (27, "80"),
            (28, "-80"),
            (38, "-80"),
        ],
    )
    def test_a_sign_that_the_type_does_not_have_moves_nothing(
        self, world: World, code: int, money: str
    ) -> None:
        with world.nothing_moves():
            reply = world.move(code, money, "b")

        assert reply.status == 4025

    @pytest.mark.parametrize("code", [0, 4, 5, 7, 12, 13, 26, 99, -1])
    def test_unknown_types_are_not_available(self, world: World, code: int) -> None:
        with world.nothing_moves():
            reply = world.move(code, "-80", f"t{code}")

        assert reply.status == 4029
        assert world.received(f"t{code}")[0].case == ReceivedCallback.Case.UNKNOWN_TYPE
