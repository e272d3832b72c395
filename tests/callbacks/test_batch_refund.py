"""POST /autoBatchRefund."""

from decimal import Decimal
from typing import Any

from django.db import connections, transaction

from callbacks.parsing import Number
from providers.ebet.signing import sign
from tests.callbacks.world import Document, Reply, World, keys, text_to_sign
from wallet import players
from wallet.models import Wallet

D = Decimal


def item(
    seq_no: str, money: str = "80", username: str = "lily08", round_code: str = "R"
) -> Document:
    return {"seqNo": seq_no, "username": username, "roundCode": round_code, "refundMoney": D(money)}


def batch(world: World, *items: Document, seq_no: str = "ab", **members: Any) -> Reply:
    return world.send(
        world.message("batch_refund", seqNo=seq_no, batchRefundList=list(items), **members)
    )


def results(reply: Reply) -> dict[str, int]:
    assert reply.status == 200
    return {
        each["seqNo"]: each["status"]
        for found in reply["refundResultList"]
        for each in found["sucRefundSeqNoList"]
    }


class TestBatchRefund:
    def test_e16_gives_a_bet_back(self, world: World) -> None:
        world.move(1, "-80", "b2")

        reply = batch(world, item("b2"), seq_no="ab-e16")

        assert reply.status == 200
        assert (reply["seqNo"], reply["event"]) == ("ab-e16", "autoBatchRefund")
        assert reply["refundResultList"] == [
            {
                "username": "lily08",
                "roundCode": "R",
                "refundTotalMoney": 80,
                "sucRefundSeqNoList": [{"seqNo": "b2", "refundSeqNo": "b2", "status": 200}],
            }
        ]
        assert world.balance() == D("1000.01")

    def test_e17_each_bet_goes_its_own_way(self, world: World) -> None:
        world.move(1, "-80", "b1", round_code="R1")
        world.move(1, "-20", "b2", round_code="R2")
        world.move(1, "-5", "b3", username="otto11", currency="USD", sessionToken="s-1-otto11")
        batch(world, item("b2", "20", round_code="R2"), seq_no="first")

        reply = batch(
            world,
            item("b1", round_code="R1"),
            item("none"),
            item("b2", "20", round_code="R2"),
            item("b3", "5", "otto11"),
            item("x", username="ghost99"),
            item("b1", "79"),
            currency="",
        )

        assert results(reply) == {"b1": 200, "b2": 209, "b3": 200}
        assert world.balance() == D("1000.01")
        assert world.balance("otto11") == 50

    def test_when_all_fail_the_list_is_empty(self, world: World) -> None:
        reply = batch(world, item("none"))

        assert (reply.status, reply["refundResultList"]) == (200, [])

    def test_an_unknown_bet_is_remembered(self, world: World) -> None:
        batch(world, item("late"))

        with world.nothing_moves():
            assert world.move(1, "-80", "late").status == 209

    def test_what_is_above_the_threshold_is_passed_over(self, world: World) -> None:
        world.move(1, "-80", "b1")
        world.move(1, "-20", "b2")

        reply = batch(world, item("b1"), item("b2", "20"), refundThreshold=50)

        assert results(reply) == {"b2": 200}
        assert world.move(1, "-80", "b1").status == 200

    def test_a_settled_bet_is_left_out_and_becomes_a_case(self, world: World) -> None:
        world.move(1, "-80", "b1")
        world.move(2, "160", "p")

        with world.nothing_moves():
            assert results(batch(world, item("b1"), seq_no="ab-1")) == {}
        assert world.received("ab-1")[0].case == "settled"

    def test_a_player_in_another_currency_is_left_out(self, world: World) -> None:
        world.move(1, "-5", "b1", username="otto11", currency="USD", sessionToken="s-1-otto11")

        with world.nothing_moves():
            assert results(batch(world, item("b1", "5", "otto11"))) == {}

    def test_the_same_message_is_answered_as_the_first_time(self, world: World) -> None:
        world.move(1, "-80", "b1")
        message = world.message("batch_refund", batchRefundList=[item("b1")])
        first = world.send(message)

        with world.nothing_moves():
            assert world.send(message).json == first.json

    def test_the_same_seq_no_for_other_bets_is_a_conflict(self, world: World) -> None:
        world.move(1, "-80", "b1")
        batch(world, item("none"))

        with world.nothing_moves():
            assert batch(world, item("b1")).status == 4025


class TestABatchThatMeetsABusyWallet:
    def test_is_told_to_come_again_and_then_finishes(self, world: World) -> None:
        ann = players.register(
            channel=world.channel, username="ann20", opening_balances={0: D("100")}
        )
        players.open_session(player=ann, token="s-ann", fixed=True)
        world.move(1, "-80", "b1")
        world.move(1, "-30", "b2", username="ann20", sessionToken="s-ann")
        message = world.message(
            "batch_refund", batchRefundList=[item("b1"), item("b2", "30", "ann20")]
        )
        wallet = Wallet.objects.get(player=world.players["lily08"], type_id=0)

        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM wallet_wallet WHERE id = %s FOR UPDATE", [wallet.pk])
            busy = world.send(message)
        connections["owner"].close()
        finished = world.send(message)

        assert (busy.status, busy["refundResultList"]) == (4003, [])
        assert results(finished) == {"b1": 200, "b2": 200}
        totals = {r["username"]: r["refundTotalMoney"] for r in finished["refundResultList"]}
        assert totals == {"lily08": 80, "ann20": 30}
        assert Wallet.objects.get(player=ann, type_id=0).balance == 100
        assert world.balance() == D("1000.01")
        with world.nothing_moves():
            assert world.send(message).json == finished.json


class TestBatchSignature:
    def send(self, world: World, formula: str) -> int:
        message = world.message("batch_refund", batchRefundList=[], seqNo=formula)
        message["signature"] = sign(keys()["K1"][1], text_to_sign(message, formula))
        return world.send(message).status

    def test_the_timestamp_is_signed(self, world: World) -> None:
        assert self.send(world, "timestamp") == 200
        assert self.send(world, "channelId+timestamp") == 4026

    def test_a_channel_may_list_the_other_formula(self, world: World) -> None:
        world.switch(batch_refund_signatures=["timestamp", "channelId+timestamp"])

        assert self.send(world, "timestamp") == 200
        assert self.send(world, "channelId+timestamp") == 200

    def test_a_channel_may_list_only_the_other(self, world: World) -> None:
        world.switch(batch_refund_signatures=["channelId+timestamp"])

        assert self.send(world, "timestamp") == 4026
        assert self.send(world, "channelId+timestamp") == 200

    def test_no_threshold_means_no_bound(self, world: World) -> None:
        world.move(1, "-80", "b1")

        assert results(batch(world, item("b1"), refundThreshold=None)) == {"b1": 200}

    def test_the_threshold_is_a_number(self, world: World) -> None:
        assert batch(world, refundThreshold="10").status == 4030
        assert batch(world, refundThreshold=Number("1e9")).status == 4025
