"""POST /increaseCredit: money withheld (27) and given back (28, 11)."""

from decimal import Decimal

import pytest

from tests.callbacks.world import World
from wallet import players
from wallet.models import Hold, Wallet

D = Decimal


def remaining(world: World) -> list[Decimal]:
    return list(
        Hold.objects.filter(wallet__channel=world.channel)
        .order_by("entry_id")
        .values_list("remaining", flat=True)
    )


def named(*holds: str) -> dict[str, object]:
    return {"withHoldingList": [{"betType": "302", "seqNo": hold} for hold in holds]}


@pytest.fixture
def rich(world: World) -> World:
    world.give("1999.99")
    return world


class TestHold:
    def test_d22_withholds_beside_the_bet(self, rich: World) -> None:
        hold = rich.send(rich.message("hold"))
        bet = rich.move(1, "-600", "b", round_code="NNP1-221025101259")

        assert (hold.status, bet.status) == (200, 200)
        assert rich.balance() == 1200
        assert remaining(rich) == [1200]
        assert Wallet.objects.get(player=rich.players["lily08"], type_id=0).held == 1200

    def test_d23_is_returned_and_closed(self, rich: World) -> None:
        rich.send(rich.message("hold"))
        rich.move(1, "-600", "b", round_code="NNP1-221025101259")

        reply = rich.send(rich.message("hold_return"))

        assert (reply.status, reply["money"]) == (200, 2400)
        assert remaining(rich) == [0]

    def test_d24_is_released_when_its_bet_was_refused(self, world: World) -> None:
        hold = world.move(27, "-400", "h-1", round_code="NN2-211119154844")
        bet = world.move(1, "-700", "b", round_code="NN2-211119154844")
        release = world.send(world.message("hold_released"))

        assert (hold.status, bet.status, release.status) == (200, 1003, 200)
        assert world.balance() == D("1000.01")
        assert remaining(world) == [0]

    def test_more_than_the_balance_cannot_be_withheld(self, world: World) -> None:
        with world.nothing_moves():
            assert world.move(27, "-1000.02", "h").status == 1003

    def test_a_copy_withholds_once(self, world: World) -> None:
        world.move(27, "-400", "h")

        with world.nothing_moves():
            assert world.move(27, "-400", "h").status == 200


class TestReturn:
    @pytest.mark.parametrize("code", [11, 28])
    def test_of_an_unknown_hold_moves_nothing(self, world: World, code: int) -> None:
        with world.nothing_moves():
            reply = world.move(code, "400", "r", detail=named("h-none"))

        assert reply.status == 208
        assert world.received("r")[0].case == "hold_unknown"

    @pytest.mark.parametrize("code", [11, 28])
    def test_a_second_one_under_another_seq_no_moves_nothing(self, world: World, code: int) -> None:
        world.move(27, "-400", "h")
        world.move(code, "400", "r1", detail=named("h"))

        with world.nothing_moves():
            assert world.move(code, "400", "r2", detail=named("h")).status == 209

    def test_a_copy_is_answered_as_the_first_time(self, world: World) -> None:
        world.move(27, "-400", "h")
        first = world.move(28, "400", "r", detail=named("h"))

        with world.nothing_moves():
            second = world.move(28, "400", "r", detail=named("h"))

        assert (second.status, second["money"]) == (200, first["money"])

    def test_more_than_was_withheld_moves_nothing(self, world: World) -> None:
        world.move(27, "-400", "h")

        with world.nothing_moves():
            assert world.move(28, "400.01", "r", detail=named("h")).status == 207

    def test_what_is_left_is_returned_in_part(self, world: World) -> None:
        world.move(27, "-400", "h")

        assert world.move(28, "150", "r", detail=named("h")).status == 200
        assert remaining(world) == [250]

    def test_several_holds_are_returned_together(self, world: World) -> None:
        world.move(27, "-400", "h1")
        world.move(27, "-100", "h2")

        assert world.move(28, "500", "r", detail=named("h1", "h2", "h1")).status == 200
        assert remaining(world) == [0, 0]

    @pytest.mark.parametrize("name", ["withHoldingSeqNo", "withholdingSeqNo"])
    def test_either_spelling_names_the_hold(self, world: World, name: str) -> None:
        world.move(27, "-400", "h")

        assert world.move(11, "400", "r", detail={name: "h"}).status == 200

    def test_without_a_name_the_rounds_holds_are_meant(self, world: World) -> None:
        world.move(27, "-400", "h")

        assert world.move(28, "400", "r").status == 200
        assert remaining(world) == [0]

    def test_it_settles_for_a_locked_player(self, world: World) -> None:
        world.move(27, "-400", "h")
        players.lock(player=world.players["lily08"], reason="test")

        assert world.move(28, "400", "r", detail=named("h")).status == 200

    def test_another_players_hold_is_unknown(self, world: World) -> None:
        world.move(27, "-40", "h", username="otto11", currency="USD", sessionToken="s-1-otto11")

        with world.nothing_moves():
            assert world.move(28, "40", "r", detail=named("h")).status == 208
