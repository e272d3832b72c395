"""POST /refundSingleWallet."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from callbacks.models import ReceivedCallback
from tests.callbacks.world import Document, Reply, World, in_parallel
from tests.wallet.money import connect
from tests.wallet.parallel import wait_for_waiters
from wallet import ledger, players
from wallet.models import EntryKind, Wallet

D = Decimal


def item(seq_no: str, money: str = "-80", username: str = "lily08") -> Document:
    return {
        "refundSeqNo": seq_no,
        "username": username,
        "roundCode": "R",
        "refundMoney": D(money),
    }


def refund(world: World, *items: Document, seq_no: str = "rf", **members: Any) -> Reply:
    return world.send(world.message("refund", seqNo=seq_no, refundList=list(items), **members))


def statuses(reply: Reply) -> list[int]:
    assert reply.status == 200
    return [result["status"] for result in reply["resultList"]]


class TestRefund:
    def test_e07_gives_an_unsettled_bet_back(self, world: World) -> None:
        world.move(1, "-80", "b2")

        reply = refund(world, item("b2"), seq_no="rf-e07")

        assert reply.status == 200
        assert (reply["moneyBefore"], reply["moneyAfter"]) == (D("920.01"), D("1000.01"))
        assert reply["refundMoney"] == 80
        assert reply["resultList"] == [{"refundSeqNo": "b2", "status": 200}]
        assert (reply["username"], reply["seqNo"]) == ("lily08", "rf-e07")
        assert reply["event"] == "refundSingleWallet"
        assert world.balance() == D("1000.01")

    def test_e08_a_second_message_moves_nothing(self, world: World) -> None:
        world.move(1, "-80", "b2")
        refund(world, item("b2"), seq_no="rf-1")

        with world.nothing_moves():
            reply = refund(world, item("b2"), seq_no="rf-2")

        assert statuses(reply) == [209]
        assert reply["refundMoney"] == 0
        assert reply["moneyBefore"] == reply["moneyAfter"] == D("1000.01")

    def test_the_same_message_is_answered_as_the_first_time(self, world: World) -> None:
        world.move(1, "-80", "b2")
        message = world.message("refund", refundList=[item("b2")])
        first = world.send(message)
        world.move(1, "-5", "b3")

        with world.nothing_moves():
            second = world.send(message)

        assert second.json == first.json

    def test_the_same_seq_no_for_other_bets_is_a_conflict(self, world: World) -> None:
        world.move(1, "-80", "b2")
        world.move(1, "-80", "b3")
        refund(world, item("b2"))

        with world.nothing_moves():
            reply = refund(world, item("b3"))

        assert reply.status == 4025
        assert reply["resultList"] == []

    def test_e10_another_amount_moves_nothing(self, world: World) -> None:
        world.move(1, "-80", "b2")

        with world.nothing_moves():
            reply = refund(world, item("b2", "-90"))

        assert statuses(reply) == [207]

    def test_e11_an_unknown_bet_is_remembered(self, world: World) -> None:
        with world.nothing_moves():
            reply = refund(world, item("t1"))

        assert statuses(reply) == [206]
        (tombstone,) = world.entries(source="ebet:1")
        assert (tombstone.outcome, tombstone.reference) == ("tombstone", "t1")

    def test_e12_should_it_come_later_it_is_not_taken(self, world: World) -> None:
        refund(world, item("t1"))

        with world.nothing_moves():
            first, second = world.move(1, "-80", "t1"), world.move(1, "-80", "t1")

        assert (first.status, second.status) == (209, 209)
        assert first["money"] == first["moneyBefore"] == D("1000.01")

    def test_a_refused_bet_has_nothing_to_give_back(self, world: World) -> None:
        world.move(1, "-5000", "b2")

        with world.nothing_moves():
            assert statuses(refund(world, item("b2", "-5000"))) == [206]

    def test_a_settled_bet_is_a_case_for_a_person(self, world: World) -> None:
        world.move(1, "-80", "b2")
        world.move(2, "160", "p")

        with world.nothing_moves():
            reply = refund(world, item("b2"), seq_no="rf-settled")

        assert statuses(reply) == [208]
        (row,) = world.received("rf-settled")
        assert row.case == ReceivedCallback.Case.SETTLED

    def test_each_bet_has_its_own_status(self, world: World) -> None:
        world.move(1, "-80", "b1", round_code="R1")
        world.move(1, "-20", "b2", round_code="R2")
        refund(world, item("b1"), seq_no="rf-1")

        reply = refund(
            world, item("b1"), item("b2", "-20"), item("none"), item("b2", "-20"), seq_no="rf-2"
        )

        assert statuses(reply) == [209, 200, 206, 209]
        assert reply["refundMoney"] == 20
        assert (reply["moneyBefore"], reply["moneyAfter"]) == (D("980.01"), D("1000.01"))

    def test_a_positive_amount_is_no_second_debit(self, world: World) -> None:
        world.move(1, "-80", "b2")

        assert statuses(refund(world, item("b2", "80"))) == [200]
        assert world.balance() == D("1000.01")

    def test_only_the_players_own_bets_are_refunded(self, world: World) -> None:
        world.move(1, "-5", "b2", username="otto11", currency="USD", sessionToken="s-1-otto11")

        with world.nothing_moves():
            assert statuses(refund(world, item("b2", "-5"))) == [206]
            assert statuses(refund(world, item("b2", "-5", "otto11"), seq_no="2")) == [206]

    def test_another_players_bet_that_is_here_is_a_case_for_a_person(self, world: World) -> None:
        world.move(1, "-5", "b2", username="otto11", currency="USD", sessionToken="s-1-otto11")

        with world.nothing_moves():
            assert statuses(refund(world, item("b2", "-5", "otto11"), seq_no="rf-o")) == [206]

        (row,) = world.received("rf-o")
        assert row.case == ReceivedCallback.Case.OTHER_PLAYER

    @pytest.mark.parametrize("named", ["otto11", "ghost99"])
    def test_another_players_bet_that_is_not_here_is_refused_when_it_comes(
        self, world: World, named: str
    ) -> None:
        assert statuses(refund(world, item("t1", "-5", named))) == [206]

        with world.nothing_moves():
            late = world.move(
                1, "-5", "t1", username="otto11", currency="USD", sessionToken="s-1-otto11"
            )
            mine = world.move(1, "-5", "t1")
        assert late.status == (209 if named == "otto11" else 4025)
        assert mine.status == (4025 if named == "otto11" else 209)

    def test_another_players_bet_that_arrives_meanwhile_stands(self, world: World) -> None:
        wallet = Wallet.objects.get(player=world.players["otto11"], type_id=0)
        before = world.balance("otto11")
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                ledger.post(
                    wallet_id=wallet.pk,
                    kind=EntryKind.BET,
                    amount=D("-5"),
                    source="ebet:1",
                    reference="fly",
                )
                reply = pool.submit(refund, world, item("fly", "-5", "otto11"))
                wait_for_waiters(1)

            assert statuses(reply.result()) == [206]
        assert world.balance("otto11") == before - 5

    def test_two_messages_that_name_one_another_do_not_block_one_another(
        self, world: World
    ) -> None:
        world.move(1, "-5", "mine", username="otto11", currency="USD", sessionToken="s-1-otto11")
        first, second = (
            Wallet.objects.get(player=world.players[name], type_id=0).pk
            for name in ("lily08", "otto11")
        )
        assert first < second
        items = item("mine", "-5", "otto11"), item("theirs")
        lock = "SELECT 1 FROM wallet_wallet WHERE id = %s FOR NO KEY UPDATE NOWAIT"
        with ThreadPoolExecutor(1) as pool:
            with connect("postgres") as server, server.transaction():
                server.execute(lock, [first])
                reply = pool.submit(refund, world, *items, username="otto11", currency="USD")
                wait_for_waiters(1)
                # It waits for the first wallet, so the second one must still be free.
                server.execute(lock, [second])

            assert statuses(reply.result()) == [200, 206]

    @pytest.mark.parametrize("code", [3, 8, 27])
    def test_everything_staked_can_be_refunded(self, world: World, code: int) -> None:
        world.move(code, "-80", "x")

        assert statuses(refund(world, item("x"))) == [200]
        assert world.balance() == D("1000.01")

    def test_a_payout_cannot(self, world: World) -> None:
        world.move(1, "-80", "b")
        world.move(2, "160", "p")

        with world.nothing_moves():
            refund(world, item("p", "-160"))

    def test_it_settles_for_a_locked_player_without_session(self, world: World) -> None:
        world.move(1, "-80", "b2")
        players.lock(player=world.players["lily08"], reason="test")

        assert statuses(refund(world, item("b2"), sessionToken="gone")) == [200]

    def test_another_currency_moves_nothing(self, world: World) -> None:
        world.move(1, "-80", "b2")

        with world.nothing_moves():
            assert refund(world, item("b2"), currency="USD").status == 4025

    def test_parallel_messages_give_back_once(self, world: World) -> None:
        world.move(1, "-80", "b2")
        numbers = iter(range(10))

        replies = in_parallel(10, lambda: refund(world, item("b2"), seq_no=f"rf-{next(numbers)}"))

        assert sorted(status for reply in replies for status in statuses(reply)) == [
            200,
            *[209] * 9,
        ]
        assert world.balance() == D("1000.01")

    def test_parallel_copies_are_answered_alike(self, world: World) -> None:
        world.move(1, "-80", "b2")
        message = world.message("refund", refundList=[item("b2")])

        replies = in_parallel(10, lambda: world.send(message))

        assert {tuple(statuses(reply)) for reply in replies} == {(200,)}
        assert {(reply["moneyBefore"], reply["moneyAfter"]) for reply in replies} == {
            (D("920.01"), D("1000.01"))
        }
        assert world.balance() == D("1000.01")

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"refundList": ...}, 4025),
            ({"refundList": {}}, 4030),
            ({"refundList": ["b2"]}, 4030),
            ({"refundList": [{"username": "lily08", "refundMoney": -80}]}, 4025),
            ({"refundList": [{"refundSeqNo": 5, "username": "u", "refundMoney": -80}]}, 4030),
            ({"refundList": [{"refundSeqNo": "b", "username": "u", "refundMoney": "80"}]}, 4030),
            ({"refundList": []}, 200),
        ],
    )
    def test_lists_are_read_strictly(
        self, world: World, changes: dict[str, Any], status: int
    ) -> None:
        assert world.send(world.message("refund", **changes)).status == status
