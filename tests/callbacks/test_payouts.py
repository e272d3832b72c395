"""POST /increaseCredit: what players win, and every other settlement."""

from decimal import Decimal
from typing import Any

import pytest

from callbacks.models import ReceivedCallback
from tests.callbacks.world import Document, World
from wallet import players
from wallet.models import Channel, FailedStake

D = Decimal
Case = ReceivedCallback.Case


def failed(*seq_nos: str) -> Document:
    """A payout's detail in which eBET calls these bets failed."""
    return {"betList": [{"betType": 60, "betMoney": 0, "seqNo": seq_no} for seq_no in seq_nos]}


def cases(world: World, seq_no: str) -> list[str]:
    return [row.case for row in world.received(seq_no) if row.case]


class TestPayout:
    def test_d07_settles_the_round(self, world: World) -> None:
        world.send(world.message("bet", seqNo="b-1"))

        reply = world.send(world.message("payout", seqNo="ic-d07"))

        assert reply.status == 200
        assert reply["money"] - reply["moneyBefore"] == D("44.9")
        assert world.balance() == D("964.91")

    def test_d08_a_lost_round_is_recorded(self, world: World) -> None:
        world.move(1, "-80", "b")

        reply = world.move(2, "0", "p")

        assert reply.status == 200
        assert reply["money"] == reply["moneyBefore"] == D("920.01")
        (entry,) = world.entries(kind="payout")
        assert (entry.outcome, entry.amount) == ("applied", D(0))

    def test_d09_a_mini_game_without_bet_list_or_table(self, world: World) -> None:
        world.move(1, "-1", "bet", round_code="wy-3166666503003")

        reply = world.send(world.message("payout_mini_game"))

        assert (reply.status, world.balance()) == (200, D("1006.51"))

    def test_the_bet_may_be_known_by_its_seq_no_alone(self, world: World) -> None:
        world.move(1, "-80", "b", round_code=None)

        reply = world.move(2, "160", "p", round_code=None, detail={"betList": [{"seqNo": "b"}]})

        assert reply.status == 200

    def test_d39_without_a_known_bet_nothing_moves(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.move(2, "80", "p")

        assert reply.status == 208
        assert cases(world, "p") == [Case.STAKE_UNKNOWN]

    def test_d39_the_refusal_does_not_stay(self, world: World) -> None:
        world.move(2, "160", "p")
        world.move(1, "-80", "b")

        assert world.move(2, "160", "p").status == 200
        assert world.balance() == D("1080.01")

    def test_d39_a_channel_may_accept_it(self, world: World) -> None:
        world.switch(open_payout=True)

        assert world.move(2, "80", "p").status == 200
        assert world.balance() == D("1080.01")

    def test_another_players_bet_in_the_round_is_not_enough(self, world: World) -> None:
        world.move(1, "-5", "b", username="otto11", currency="USD", sessionToken="s-1-otto11")

        assert world.move(2, "80", "p").status == 208

    def test_a_refused_bet_is_not_enough(self, world: World) -> None:
        world.move(1, "-5000", "b")

        assert world.move(2, "80", "p").status == 208

    def test_a_lost_round_needs_its_bet_too(self, world: World) -> None:
        assert world.move(2, "0", "p").status == 208

    @pytest.mark.parametrize("change", [players.lock, players.close])
    def test_a_player_locked_or_closed_meanwhile_is_paid(self, world: World, change: Any) -> None:
        world.move(1, "-80", "b")
        change(player=world.players["lily08"], reason="test")

        assert world.move(2, "160", "p").status == 200
        assert world.balance() == D("1080.01")

    @pytest.mark.parametrize(
        "detail",
        [
            {"betList": None, "tableCode": None, "validBet": "0", "gameName": ""},
            {"betList": "", "srcResults": "x", "withHoldingList": {}},
            {"betList": [None, "x", {"seqNo": None}, {"seqNo": 5, "betMoney": "0"}]},
            {"tableType": "1", "tableSubType": None},
            {"tableType": 1.5, "rebateAmount": "0.00"},
        ],
    )
    def test_an_odd_detail_does_not_stop_it(self, world: World, detail: Document) -> None:
        world.move(1, "-80", "b")

        assert world.move(2, "160", "p", detail=detail).status == 200

    def test_a_list_of_one_detail_is_taken_for_it(self, world: World) -> None:
        message = world.movement(1, "-80", "b")

        reply = world.send(message | {"detail": [message["detail"]]})

        assert reply.status == 200
        assert world.entries(kind="bet")[0].round_code == "R"

    @pytest.mark.parametrize("detail", ["x", [], [{}, {}], True])
    def test_a_detail_of_another_type_is_a_bad_type(self, world: World, detail: object) -> None:
        with world.nothing_moves():
            assert world.send(world.movement(1, "-80", "b") | {"detail": detail}).status == 4030

    def test_no_detail_at_all_is_accepted(self, world: World) -> None:
        assert world.send(world.message("bet", detail=...)).status == 200


class TestPayoutAfterRefund:
    def refund(self, world: World, seq_no: str = "b") -> None:
        item = {"refundSeqNo": seq_no, "username": "lily08", "roundCode": "R", "refundMoney": -80}
        reply = world.send(world.message("refund", seqNo=f"rf-{seq_no}", refundList=[item]))
        assert reply["resultList"] == [{"refundSeqNo": seq_no, "status": 200}]

    def test_e14_a_win_is_refused_for_good(self, world: World) -> None:
        world.move(1, "-80", "b")
        self.refund(world)

        with world.nothing_moves():
            first, second = world.move(2, "160", "p"), world.move(2, "160", "p")

        assert (first.status, second.status) == (209, 209)
        assert cases(world, "p") == [Case.STAKE_REFUNDED]

    def test_e14_a_lost_round_is_recorded(self, world: World) -> None:
        world.move(1, "-80", "b")
        self.refund(world)

        assert world.move(2, "0", "p").status == 200

    def test_an_open_channel_refuses_the_win_as_well(self, world: World) -> None:
        world.switch(open_payout=True)
        world.move(1, "-80", "b")
        self.refund(world)

        with world.nothing_moves():
            assert world.move(2, "160", "p").status == 209

    def test_one_bet_that_was_not_refunded_is_enough(self, world: World) -> None:
        world.move(1, "-80", "b")
        world.move(1, "-20", "b2")
        self.refund(world)

        assert world.move(2, "40", "p").status == 200


class TestBetThatEbetCallsFailed:
    def refund_of(self, world: World, seq_no: str, request: str = "rf-1") -> int:
        item = {"refundSeqNo": seq_no, "username": "lily08", "roundCode": "R", "refundMoney": -80}
        message = world.message("refund", seqNo=f"{request}-{seq_no}", refundList=[item])
        status: int = world.send(message)["resultList"][0]["status"]
        return status

    def test_e21_by_default_it_waits_for_ebets_refund(self, world: World) -> None:
        world.move(1, "-80", "b3")

        reply = world.move(2, "44.9", "p", detail=failed("b3"))

        assert reply.status == 200
        assert world.balance() == D("964.91")
        assert FailedStake.objects.filter(stake__reference="b3").exists()
        assert cases(world, "p") == [Case.STAKE_FAILED]

    def test_e21_although_settled_it_can_be_refunded_once(self, world: World) -> None:
        world.move(1, "-80", "b3")
        world.move(1, "-80", "b4")
        world.move(2, "44.9", "p", detail=failed("b3"))

        assert self.refund_of(world, "b3") == 200
        assert self.refund_of(world, "b4") == 208
        assert world.balance() == D("964.91")
        assert self.refund_of(world, "b3", request="rf-2") == 209
        assert world.balance() == D("964.91")

    def test_e22_in_mode_self_it_is_refunded_at_once(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.SELF)
        world.move(1, "-80", "b3")

        reply = world.move(2, "44.9", "p", detail=failed("b3"))

        assert reply.status == 200
        assert (reply["moneyBefore"], reply["money"]) == (D("1000.01"), D("1044.91"))
        assert world.balance() == D("1044.91")
        assert cases(world, "p") == []

    def test_e22_the_repeat_answers_the_same_and_refunds_nothing_more(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.SELF)
        world.move(1, "-80", "b3")
        message = world.movement(2, "44.9", "p", detail=failed("b3"))
        first = world.send(message)

        with world.nothing_moves():
            again = world.send(message)

        assert (again["moneyBefore"], again["money"]) == (first["moneyBefore"], first["money"])

    def test_in_mode_self_a_payout_that_is_refused_refunds_nothing(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.SELF)
        world.move(1, "-80", "b3")
        world.move(1, "-10", "b4")
        world.move(2, "5", "p")

        with world.nothing_moves():
            assert world.move(2, "44.9", "p", detail=failed("b3")).status == 4025

    def test_e22_later_refunds_and_queries_say_so(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.SELF)
        world.move(1, "-80", "b3")
        message = world.movement(2, "44.9", "p", detail=failed("b3"))
        world.send(message)

        with world.nothing_moves():
            assert world.send(message).status == 200
            assert self.refund_of(world, "b3") == 209
            query = world.send(world.message("query", querySeqNo="b3"))
        assert query["creditRecord"][0]["status"] == 209

    def test_in_mode_refuse_payout_the_payout_waits_for_the_refund(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.REFUSE_PAYOUT)
        world.move(1, "-80", "b3")
        message = world.movement(2, "44.9", "p", detail=failed("b3"))

        with world.nothing_moves():
            refused = world.send(message)
        assert refused.status == 208
        assert self.refund_of(world, "b3") == 200
        assert world.send(message).status == 200
        assert world.balance() == D("1044.91")

    def test_a_stake_that_stands_in_the_holding_list_has_not_failed(self, world: World) -> None:
        world.switch(refund_mode=Channel.RefundMode.SELF)
        world.move(1, "-80", "b3")
        holding = {"withHoldingList": [{"seqNo": "b3", "withHolding": 80, "status": 1}]}

        world.move(2, "160", "p", detail=failed("b3") | holding)

        assert world.balance() == D("1080.01")
