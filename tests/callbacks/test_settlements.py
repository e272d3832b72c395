"""POST /increaseCredit: prizes, bonuses, corrections, and the wallets they go to."""

from decimal import Decimal

import pytest

from callbacks.models import ReceivedCallback
from tests.callbacks.world import World

D = Decimal
Case = ReceivedCallback.Case


def cases(world: World, seq_no: str) -> list[str]:
    return [row.case for row in world.received(seq_no) if row.case]


class TestOtherSettlements:
    @pytest.mark.parametrize("code", [6, 9, 14, 23, 24, 38])
    def test_money_given_outside_rounds_arrives(self, world: World, code: int) -> None:
        reply = world.move(code, "12.5", "e", platform=None)

        assert reply.status == 200
        assert world.balance() == D("1012.51")

    def test_d30_an_event_bonus_belongs_to_no_round(self, world: World) -> None:
        reply = world.send(world.message("event_bonus"))

        assert (reply.status, reply["money"]) == (200, D("2200.01"))
        assert world.entries(source="ebet:38")[0].round_code == ""

    def test_tips_and_fees_are_spent(self, world: World) -> None:
        assert world.move(3, "-10", "t").status == 200
        assert world.move(8, "-20", "f", detail={"matchId": 5}).status == 200
        assert world.balance() == D("970.01")

    def test_d31_a_prize_taken_back_may_go_below_zero(self, world: World) -> None:
        world.move(1, "-960.01", "b")

        reply = world.move(15, "-100", "c")

        assert reply.status == 200
        assert (reply["moneyBefore"], reply["money"]) == (40, -60)
        assert world.balance() == -60
        assert cases(world, "c") == [Case.NEGATIVE_BALANCE]

    @pytest.mark.parametrize("money", ["1200", "-1200", "0"])
    def test_a_corrected_payout_has_either_sign(self, world: World, money: str) -> None:
        assert world.move(37, money, "c").status == 200
        assert world.balance() == D("1000.01") + D(money)

    @pytest.mark.parametrize("code", [37, 23, 24, 38])
    def test_a_closed_round_still_takes_extras(self, world: World, code: int) -> None:
        world.move(1, "-80", "b")
        world.move(2, "160", "p")

        assert world.move(code, "5", "x").status == 200
        assert world.balance() == D("1085.01")

    def test_with_a_negative_balance_nothing_can_be_staked(self, world: World) -> None:
        world.move(15, "-1100", "c")

        with world.nothing_moves():
            reply = world.move(1, "-1", "b")

        assert (reply.status, reply["money"]) == (1003, D("-99.99"))


class TestWalletRoutes:
    def test_a_game_is_paid_from_its_wallet(self, world: World) -> None:
        world.switch(wallet_routes={"5": 1})
        slot = {"tableType": 5}

        world.move(37, "50", "gift", round_code=None, detail=slot)
        bet = world.move(1, "-20", "b", round_code="S", detail=slot)
        payout = world.move(2, "30", "p", round_code="S", detail=slot)
        sync = world.send(world.message("sync", tableType=5))

        assert (bet["money"], payout["money"], sync["money"]) == (30, 60, 60)
        assert world.balance(type_id=1) == 60
        assert world.balance() == D("1000.01")
        assert world.send(world.message("sync", tableType=1))["money"] == D("1000.01")

    def test_a_payout_that_does_not_name_its_game_goes_where_the_round_is(
        self, world: World
    ) -> None:
        world.switch(wallet_routes={"5": 1})
        world.move(37, "50", "gift", round_code=None, detail={"tableType": 5})
        world.move(1, "-20", "b", round_code="S", detail={"tableType": 5})

        world.move(2, "30", "p", round_code="S", detail={"tableType": None})

        assert world.balance(type_id=1) == 60
