"""POST /queryIncreaseCreditRecord."""

from decimal import Decimal

from tests.callbacks.world import World, now_ms
from wallet import players

D = Decimal


def refund(world: World, seq_no: str) -> None:
    item = {"refundSeqNo": seq_no, "username": "lily08", "roundCode": "R", "refundMoney": -80}
    assert (
        world.send(world.message("refund", seqNo=f"rf-{seq_no}", refundList=[item])).status == 200
    )


class TestQuery:
    def test_e01_answers_the_movements_in_the_order_asked(self, world: World) -> None:
        world.move(2, "0", "p0")
        world.move(1, "-80", "b1")
        world.move(2, "44.9", "p1")

        with world.nothing_moves():
            reply = world.send(world.message("query", querySeqNo="p1,b1"))
            turned = world.send(world.message("query", querySeqNo=" b1 , p1 "))

        assert reply.status == 200
        assert (reply["seqNo"], reply["username"]) == ("qr-1", "lily08")
        assert reply["event"] == "queryIncreaseCreditRecord"
        assert type(reply["timestamp"]) is int
        payout, bet = reply["creditRecord"]
        assert abs(bet.pop("creditTime") - now_ms()) < 60_000
        assert bet == {
            "querySeqNo": "b1",
            "type": 1,
            "username": "lily08",
            "roundCode": "R",
            "status": 200,
            "moneyBefore": D("1000.01"),
            "moneyAfter": D("920.01"),
            "money": -80,
        }
        assert (payout["querySeqNo"], payout["type"], payout["money"]) == ("p1", 2, D("44.9"))
        assert [record["querySeqNo"] for record in turned["creditRecord"]] == ["b1", "p1"]

    def test_e02_answers_an_empty_list_for_what_never_came(self, world: World) -> None:
        reply = world.send(world.message("query", querySeqNo="nope"))

        assert (reply.status, reply["creditRecord"]) == (200, [])

    def test_a_movement_is_listed_once_however_often_it_is_named(self, world: World) -> None:
        world.move(1, "-80", "b1")

        reply = world.send(world.message("query", querySeqNo="b1,b1,,b1"))

        assert len(reply["creditRecord"]) == 1

    def test_e04_a_refunded_bet_is_209(self, world: World) -> None:
        world.move(1, "-80", "b1")
        refund(world, "b1")

        (record,) = world.send(world.message("query", querySeqNo="b1"))["creditRecord"]

        assert (record["status"], record["money"]) == (209, -80)

    def test_a_refused_bet_is_not_done(self, world: World) -> None:
        world.move(1, "-5000", "b1")

        (record,) = world.send(world.message("query", querySeqNo="b1"))["creditRecord"]

        assert record["status"] == 1003
        assert record["moneyBefore"] == record["moneyAfter"] == D("1000.01")

    def test_a_bet_cancelled_before_it_came_is_no_record(self, world: World) -> None:
        refund(world, "b1")

        assert world.send(world.message("query", querySeqNo="b1"))["creditRecord"] == []

    def test_bet_and_payout_of_one_seq_no_are_both_listed(self, world: World) -> None:
        world.move(1, "-80", "x")
        world.move(2, "160", "x")

        records = world.send(world.message("query", querySeqNo="x"))["creditRecord"]

        assert [record["type"] for record in records] == [1, 2]

    def test_without_seq_nos_the_round_is_meant(self, world: World) -> None:
        world.move(1, "-80", "b1", round_code="R1")
        world.move(2, "160", "p1", round_code="R1")
        world.move(1, "-80", "b2", round_code="R2")

        for empty in ("", None, ...):
            reply = world.send(world.message("query", querySeqNo=empty, roundCode="R1"))
            assert [each["querySeqNo"] for each in reply["creditRecord"]] == ["b1", "p1"]

    def test_neither_seq_nos_nor_round_is_a_bad_parameter(self, world: World) -> None:
        assert world.send(world.message("query", querySeqNo="", roundCode="")).status == 4025

    def test_other_players_movements_are_not_told(self, world: World) -> None:
        world.move(1, "-5", "b1", username="otto11", currency="USD", sessionToken="s-1-otto11")

        assert world.send(world.message("query", querySeqNo="b1"))["creditRecord"] == []

    def test_amounts_lose_their_sign_where_the_channel_wants_it(self, world: World) -> None:
        world.switch(query_absolute_money=True)
        world.move(1, "-80", "b1")

        (record,) = world.send(world.message("query", querySeqNo="b1"))["creditRecord"]

        assert record["money"] == 80

    def test_locked_players_are_answered_and_no_session_is_needed(self, world: World) -> None:
        world.move(1, "-80", "b1")
        players.lock(player=world.players["lily08"], reason="test")

        reply = world.send(world.message("query", querySeqNo="b1", sessionToken="gone"))

        assert reply["creditRecord"][0]["status"] == 200
