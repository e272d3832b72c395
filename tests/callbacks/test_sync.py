"""POST /syncCredit."""

import time
from decimal import Decimal

import pytest

from callbacks.parsing import Number
from tests.callbacks.world import World, now_ms
from wallet.models import PlayerSession


class TestSyncOfAnOpenSession:
    def test_b01_answers_the_balance_and_moves_nothing(self, world: World) -> None:
        with world.nothing_moves():
            reply = world.send(world.message("sync", seqNo="sc-b01"))

        assert reply.status == 200
        assert reply["username"] == "lily08"
        assert reply["money"] == Decimal("1000.01")
        assert reply["currency"] == "CNY"
        assert reply["event"] == "syncCredit"
        assert reply["seqNo"] == "sc-b01"
        assert abs(reply["timestamp"] - now_ms()) < 5000
