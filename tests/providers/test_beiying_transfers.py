"""Money in and out of 贝盈's games on the wire, against its simulator over HTTP."""

import json
from decimal import Decimal

import pytest

from providers.beiying.client import Client
from providers.errors import AlreadyExists, NotThere, OutcomeUnknown, ProviderError, Refused
from providers.simulators.faults import Fault
from tests.providers.conftest import SECRET_KEY, Service
from tests.providers.test_beiying_client import EXPECTED


@pytest.fixture
def client(beiying: Service) -> Client:
    return Client(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)


class TestATransfer:
    def test_moves_money_inside_one_game(self, beiying: Service, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        order = client.recharge(
            user_name="lily08", game="KY", order_id="o-1", money=Decimal("12.3400")
        )
        assert order.balance == Decimal("12.34")
        assert beiying.bodies("/v1/funds/recharge") == [
            b'{"UserName":"lily08","Game":"KY","OrderID":"o-1","Money":12.34}'
        ]
        client.withdraw(user_name="lily08", game="KY", order_id="o-2", money=Decimal("2.34"))
        assert client.balance(user_name="lily08", game="KY") == Decimal(10)
        assert client.balance(user_name="lily08", game="AVIA") == Decimal(0)

    def test_writes_money_as_a_plain_number(self, beiying: Service, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        client.recharge(user_name="lily08", game="KY", order_id="o-1", money=Decimal("1E+3"))
        assert json.loads(beiying.bodies("/v1/funds/recharge")[0])["Money"] == 1000
        assert b'"Money":1000}' in beiying.bodies("/v1/funds/recharge")[0]

    def test_can_be_asked_about(self, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        client.recharge(user_name="lily08", game="KY", order_id="o-1", money=Decimal(5))
        with pytest.raises(Refused, match="NOBALANCE"):
            client.withdraw(user_name="lily08", game="KY", order_id="o-2", money=Decimal(6))
        assert client.check(order_id="o-1").money == Decimal(5)
        with pytest.raises(Refused, match="ORDER_FAILD"):
            client.check(order_id="o-2")
        with pytest.raises(NotThere, match="ORDER_NOTFOUND"):
            client.check(order_id="o-3")

    @pytest.mark.parametrize("code", ["BUSY", "TIMEOUT", "PROCCESSING", "MAINTENANCE", "Exception"])
    def test_h12_that_is_busy_may_have_happened(
        self, beiying: Service, client: Client, code: str
    ) -> None:
        client.register(user_name="lily08", password="pw123")
        beiying.simulator.faults.add(Fault(kind="code", value=code))
        with pytest.raises(ProviderError, match=code) as caught:
            client.recharge(user_name="lily08", game="KY", order_id="o-1", money=Decimal(5))
        assert type(caught.value) is EXPECTED[code]
        assert caught.value.in_doubt

    def test_of_a_used_order_id_moves_nothing(self, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        client.recharge(user_name="lily08", game="KY", order_id="o-1", money=Decimal(5))
        with pytest.raises(AlreadyExists, match="EXISTSORDER"):
            client.recharge(user_name="lily08", game="KY", order_id="o-1", money=Decimal(5))
        assert client.balance(user_name="lily08", game="KY") == Decimal(5)

    @pytest.mark.parametrize("amount", ["0", "-1", "1.23456", "NaN", "Infinity", "1e15"])
    def test_of_no_proper_amount_is_refused_before_any_request(
        self, beiying: Service, client: Client, amount: str
    ) -> None:
        with pytest.raises(Refused, match="bad_amount"):
            client.recharge(user_name="lily08", game="KY", order_id="o", money=Decimal(amount))
        assert not beiying.simulator.requests

    @pytest.mark.parametrize("game", ["FOO", "ky", "", "8"])
    def test_in_another_game_is_refused_before_any_request(
        self, beiying: Service, client: Client, game: str
    ) -> None:
        for move in (client.recharge, client.withdraw):
            with pytest.raises(Refused, match="invalid_game"):
                move(user_name="lily08", game=game, order_id="o", money=Decimal(1))
        assert not beiying.simulator.requests

    @pytest.mark.parametrize(
        "answer",
        [
            {"Balance": 10**30},
            {"Balance": "x"},
            {"UserName": "other", "Balance": 1},
            {},
        ],
    )
    def test_leaves_no_balance_known_that_makes_no_sense(
        self, beiying: Service, client: Client, answer: dict[str, object]
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="answer", value={"Code": "Success", **answer}))
        with pytest.raises(OutcomeUnknown):
            client.balance(user_name="lily08", game="KY")
