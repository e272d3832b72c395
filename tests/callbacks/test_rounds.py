"""Rounds as eBET plays them: found by code and by seqNo, added up, told in order."""

import io
from decimal import Decimal
from typing import Any

from django.utils import timezone

from callbacks.parsing import Number
from tests.callbacks.world import World
from wallet.exports.formats import write
from wallet.exports.sources import Request, read_request
from wallet.models import LedgerEntry, Round, RoundState
from wallet.rounds import round_of

D = Decimal


def entry(world: World, seq_no: str) -> LedgerEntry:
    return LedgerEntry.objects.get(channel=world.channel, reference=seq_no)


def seq_nos(world: World, seq_no: str) -> list[str]:
    return [one.reference for one in round_of(entry(world, seq_no)).entries]


def openings(world: World, **filters: Any) -> list[str]:
    rows = Round.objects.openings().filter(channel=world.channel, **filters)
    return list(rows.order_by("pk").values_list("reference", flat=True))


def refund(world: World, seq_no: str, *bets: tuple[str, str]) -> Any:
    items = [
        {"refundSeqNo": bet, "username": "lily08", "roundCode": "R", "refundMoney": Number(money)}
        for bet, money in bets
    ]
    return world.send(world.message("refund", seqNo=seq_no, refundList=items))


class TestRoundWithACode:
    def test_holds_every_entry_of_the_player_in_order(self, world: World) -> None:
        world.move(1, "-80", "b-1")
        world.move(1, "-20", "b-2")
        world.move(2, "150.5", "p-1")
        world.move(37, "-0.5", "c-1")
        world.move(1, "-5", "other", round_code="S")

        told = round_of(entry(world, "p-1"))

        assert [one.reference for one in told.entries] == ["b-1", "b-2", "p-1", "c-1"]
        assert (told.staked, told.paid, told.held, told.result) == (100, 150, 0, 50)
        assert told.state is RoundState.SETTLED

    def test_is_open_until_its_payout(self, world: World) -> None:
        world.move(1, "-80", "b-1")

        told = round_of(entry(world, "b-1"))

        assert (told.staked, told.paid, told.result) == (80, 0, -80)
        assert told.state is RoundState.OPEN

    def test_is_refunded_when_every_bet_was_given_back(self, world: World) -> None:
        world.move(1, "-80", "b-1")
        refund(world, "rf-1", ("b-1", "-80"))

        told = round_of(entry(world, "rf-1/b-1"))

        assert [one.reference for one in told.entries] == ["b-1", "rf-1/b-1"]
        assert (told.staked, told.result) == (0, 0)
        assert told.state is RoundState.REFUNDED

    def test_that_only_had_refused_bets_is_refused(self, world: World) -> None:
        world.move(1, "-2000", "b-1")

        assert round_of(entry(world, "b-1")).state is RoundState.REFUSED

    def test_stays_open_while_a_hold_is_out(self, world: World) -> None:
        world.move(27, "-400", "h-1")
        world.move(1, "-100", "b-1")
        world.move(2, "300", "p-1")

        told = round_of(entry(world, "b-1"))

        assert (told.staked, told.paid, told.held, told.result) == (100, 300, 400, -200)
        assert told.state is RoundState.OPEN

    def test_of_another_player_is_another_round(self, world: World) -> None:
        world.move(1, "-80", "b-1")
        world.switch(allow_weak_keys=True)
        world.move(1, "-5", "o-1", username="otto11", currency="USD", sessionToken="s-1-otto11")

        assert seq_nos(world, "b-1") == ["b-1"]
        assert openings(world, round_code="R") == ["b-1", "o-1"]

    def test_of_another_code_is_another_round_though_its_payout_names_a_bet(
        self, world: World
    ) -> None:
        world.move(1, "-10", "b-1", round_code="A")
        world.move(1, "-10", "b-2", round_code="B")
        world.move(2, "40", "p-1", round_code="A", detail={"betList": [{"seqNo": "b-2"}]})

        assert seq_nos(world, "p-1") == ["b-1", "p-1"]
        assert seq_nos(world, "b-2") == ["b-2"]

    def test_holds_the_return_that_came_without_its_code(self, world: World) -> None:
        world.move(27, "-400", "h-1")
        world.move(28, "400", "r-1", round_code=None, detail={"withHoldingSeqNo": "h-1"})

        told = round_of(entry(world, "h-1"))
        row: Any = Round.objects.openings().told().get(pk=entry(world, "h-1").pk)

        for one in (told, row):
            assert (one.state, one.held, one.result) == ("refunded", 0, 0)


class TestRoundWithoutACode:
    def test_is_tied_together_by_the_seq_nos_that_its_messages_name(self, world: World) -> None:
        named = {"withHoldingList": [{"seqNo": "h-1"}]}
        world.move(27, "-400", "h-1", round_code=None)
        world.move(1, "-100", "b-1", round_code=None, detail=named)
        world.move(28, "400", "r-1", round_code=None, detail=named)

        for seq_no in ("h-1", "b-1", "r-1"):
            assert seq_nos(world, seq_no) == ["h-1", "b-1", "r-1"]
        assert openings(world, source__startswith="ebet:") == ["h-1"]

    def test_is_tied_to_the_coded_messages_that_follow(self, world: World) -> None:
        world.move(27, "-400", "h-1", round_code=None)
        world.move(1, "-100", "b-1", detail={"withHoldingSeqNo": "h-1"})
        world.move(11, "400", "r-1", round_code=None, detail={"withHoldingSeqNo": "h-1"})
        world.move(2, "0", "p-1")

        for seq_no in ("h-1", "p-1"):
            assert seq_nos(world, seq_no) == ["h-1", "b-1", "r-1", "p-1"]
        assert openings(world, source__startswith="ebet:") == ["h-1"]

    def test_of_a_payout_that_names_its_bet(self, world: World) -> None:
        world.move(1, "-100", "b-1", round_code=None)
        world.move(2, "150", "p-1", round_code=None, detail={"betList": [{"seqNo": "b-1"}]})

        assert seq_nos(world, "b-1") == seq_nos(world, "p-1") == ["b-1", "p-1"]
        assert round_of(entry(world, "b-1")).state is RoundState.SETTLED

    def test_takes_no_bonus_in(self, world: World) -> None:
        world.move(1, "-100", "b-1", round_code=None)
        world.move(38, "7", "e-1", round_code=None)

        assert seq_nos(world, "b-1") == ["b-1"]
        assert openings(world, source__startswith="ebet:") == ["b-1"]


class TestStateFilter:
    def test_agrees_with_the_rounds_themselves(self, world: World) -> None:
        world.give("5000")
        world.move(1, "-10", "o", round_code="open")
        world.move(1, "-10", "s1", round_code="settled")
        world.move(2, "0", "s2", round_code="settled")
        world.move(1, "-10", "f", round_code="refunded")
        refund(world, "rf", ("f", "-10"))
        world.move(1, "-99999", "x", round_code="refused")
        world.move(27, "-10", "h1", round_code="held")
        world.move(2, "0", "h2", round_code="held")
        world.move(27, "-10", "w1", round_code="returned")
        world.move(28, "10", "w2", round_code="returned")
        world.move(3, "-1", "t", round_code="tip")
        world.move(27, "-10", "n", round_code=None)
        mine = Round.objects.openings().filter(channel=world.channel)
        mine = mine.filter(source__startswith="ebet:").exclude(kind="bonus")

        told = {one.pk: round_of(one).state for one in mine}

        for state in RoundState:
            found = set(mine.in_state(state).values_list("pk", flat=True))
            assert found == {pk for pk, its in told.items() if its is state}, state
        assert (
            sorted(told.values()) == ["open"] * 3 + ["refunded"] * 2 + ["refused"] + ["settled"] * 2
        )


class TestExportOfRounds:
    def test_adds_up_as_the_rounds_themselves(self, world: World) -> None:
        world.move(1, "-80", "b1", round_code="A")
        world.move(3, "-2", "t1", round_code="A")
        world.move(2, "120.5", "p1", round_code="A")
        world.move(37, "-0.5", "c1", round_code="A")
        world.move(27, "-40", "h1", round_code="B")
        world.move(1, "-5", "b2", round_code="B")
        refund(world, "rf", ("b2", "-5"))
        world.move(1, "-9999", "x", round_code="C")
        rows: Any = Round.objects.openings().told().filter(channel=world.channel)
        rows = rows.exclude(round_code="").order_by("pk")

        found = [(row.state, row.staked, row.paid, row.held, row.result, row.last) for row in rows]

        told = [round_of(row) for row in rows]
        assert found == [
            (one.state, one.staked, one.paid, one.held, one.result, one.applied[-1].posted_at)
            if one.applied
            else (one.state, 0, 0, 0, 0, one.opening.posted_at)
            for one in told
        ]
        assert [row[:5] for row in found] == [
            ("settled", 82, 120, 0, 38),
            ("open", 0, 0, 40, -40),
            ("refused", 0, 0, 0, 0),
        ]

    def test_says_of_one_without_a_code_what_its_state_says(self, world: World) -> None:
        world.move(27, "-400", "h1", round_code=None)
        world.move(28, "300", "r1", round_code=None, detail={"withHoldingSeqNo": "h1"})
        world.move(27, "-40", "h2", round_code=None)
        world.move(28, "40", "r2", round_code=None, detail={"withHoldingSeqNo": "h2"})
        world.move(1, "-80", "b1", round_code=None)
        back = {"refundSeqNo": "b1", "username": "lily08", "refundMoney": Number("-80")}
        world.send(world.message("refund", seqNo="rf", refundList=[back]))
        rows: Any = Round.objects.openings().told().filter(channel=world.channel)
        rows = rows.filter(source__startswith="ebet:").order_by("pk")

        assert [(row.reference, row.state, row.staked, row.held, row.result) for row in rows] == [
            ("h1", "open", 0, 100, -100),
            ("h2", "refunded", 0, 0, 0),
            ("b1", "refunded", 0, 0, 0),
        ]

    def test_is_a_file_of_the_lists_rows(self, world: World) -> None:
        world.move(1, "-80", "b1", round_code="A")
        world.move(1, "-8", "b2", round_code="B")
        world.move(2, "0", "p2", round_code="B")
        today = timezone.localdate().isoformat()
        request = Request(
            since=today,
            until=today,
            zone=timezone.get_current_timezone_name(),
            source="rounds",
            filters={"channel": world.channel.pk, "state": "settled"},
            columns=["round_code", "player", "state", "staked", "result"],
        )
        file = io.BytesIO()

        assert list(write(file, read_request(request), format="csv"))[-1] == 1

        assert file.getvalue().decode().splitlines()[1] == "B,lily08,settled,8.0000,-8.0000"
