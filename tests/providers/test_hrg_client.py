"""HRG's agent API on the wire, against its simulator over HTTP."""

import base64
import json
from decimal import Decimal

import pytest

from providers.errors import OutcomeUnknown, Passing, Refused, TargetRefused
from providers.hrg.client import Client
from providers.simulators.faults import Fault
from tests.providers.conftest import Service


@pytest.fixture
def client(hrg: Service) -> Client:
    return Client(base_url=hrg.url, username="id", password="secret", agent_id="acme01")


class TestEveryRequest:
    def test_g01_is_exactly_this(self, hrg: Service, client: Client) -> None:
        client.create_user(user_id="lily08", balance=Decimal("0.5"))
        [seen] = hrg.simulator.requests
        assert (seen.method, seen.path, seen.query) == ("POST", "/api/create_user", "")
        assert seen.body == b'{"agentId":"acme01","userId":"lily08","balance":"0.5"}'
        assert seen.headers == {
            "host": hrg.url.removeprefix("http://"),
            "accept": "application/json",
            "accept-encoding": "identity",
            "connection": "keep-alive",
            "user-agent": "backoffice/1",
            "content-type": "application/json",
            "authorization": "Basic aWQ6c2VjcmV0",
            "content-length": str(len(seen.body)),
        }

    @pytest.mark.parametrize("secret", ["密码", "a:b", "", 'q"\\'])
    def test_carries_any_secret_as_basic_credentials(self, hrg: Service, secret: str) -> None:
        client = Client(base_url=hrg.url, username="acme", password=secret, agent_id="acme01")
        hrg.simulator.rules["keys"] = {"acme": secret}
        assert client.create_user(user_id="lily08").user_id == "lily08"


class TestCreateUser:
    def test_g01_sends_amounts_as_strings_under_basic_auth(
        self, hrg: Service, client: Client
    ) -> None:
        client.create_user(user_id="lily08", balance=Decimal(100000), free_credit=Decimal("100.0"))
        [seen] = hrg.simulator.requests
        assert seen.path == "/api/create_user"
        assert seen.headers["content-type"] == "application/json"
        assert seen.headers["authorization"] == "Basic " + base64.b64encode(b"id:secret").decode()
        assert json.loads(seen.body) == {
            "agentId": "acme01",
            "userId": "lily08",
            "balance": "100000",
            "freeCredit": "100",
        }

    def test_g02_leaves_amounts_out_unless_given(self, hrg: Service, client: Client) -> None:
        client.create_user(user_id="lily08")
        assert hrg.bodies("/api/create_user") == [b'{"agentId":"acme01","userId":"lily08"}']

    @pytest.mark.parametrize(
        "name",
        ["Lily08", "lily-08", "lily_08", "", "a" * 51, "lily08\n", "ｌｉｌｙ", "lily٣"],
    )
    def test_g03_refuses_other_names_before_any_request(
        self, hrg: Service, client: Client, name: str
    ) -> None:
        with pytest.raises(Refused, match="invalid_name"):
            client.create_user(user_id=name)
        assert not hrg.simulator.requests

    def test_g03_takes_a_name_of_fifty_characters(self, hrg: Service, client: Client) -> None:
        assert client.create_user(user_id="a" * 50).user_id == "a" * 50

    @pytest.mark.parametrize("amount", ["1.23456", "-1", "NaN", "Infinity", "1e15", "1e-5"])
    def test_g04_refuses_amounts_that_could_be_misread(
        self, hrg: Service, client: Client, amount: str
    ) -> None:
        with pytest.raises(Refused, match="bad_amount"):
            client.create_user(user_id="lily08", balance=Decimal(amount))
        assert not hrg.simulator.requests

    @pytest.mark.parametrize(
        ("amount", "text"),
        [
            ("1.2345", "1.2345"),
            ("1.2300", "1.23"),
            ("1E+2", "100"),
            ("0", "0"),
            ("0.0001", "0.0001"),
            ("999999999999999.9999", "999999999999999.9999"),
        ],
    )
    def test_g04_writes_exact_plain_digits(
        self, hrg: Service, client: Client, amount: str, text: str
    ) -> None:
        client.create_user(user_id="lily08", balance=Decimal(amount))
        assert json.loads(hrg.bodies("/api/create_user")[0])["balance"] == text

    def test_g05_reads_the_balance_as_decimal(self, client: Client) -> None:
        account = client.create_user(user_id="lily08", balance=Decimal("10.05"))
        assert account.money == Decimal("10.05")

    @pytest.mark.parametrize(
        "data",
        [
            {"agentId": "other", "userId": "lily08"},
            {"agentId": "acme01", "userId": "lily09"},
            {"agentId": "acme01"},
            None,
            [],
        ],
    )
    def test_believes_success_only_for_the_ids_it_sent(
        self, hrg: Service, client: Client, data: object
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="answer", value={"code": "0000", "data": data}))
        with pytest.raises(OutcomeUnknown):
            client.create_user(user_id="lily08")

    def test_does_not_believe_0000_over_an_http_error(self, hrg: Service, client: Client) -> None:
        hrg.simulator.faults.add(Fault(kind="status_after", value=502))
        with pytest.raises(OutcomeUnknown, match="HTTP 502"):
            client.create_user(user_id="lily08")

    @pytest.mark.parametrize(
        "message", [None, 7, {"text": "x"}, ["x"], "a\x00b", "😀", "x" * 10_000]
    )
    def test_g07_reads_a_code_whatever_comes_with_it(
        self, hrg: Service, client: Client, message: object
    ) -> None:
        hrg.simulator.faults.add(
            Fault(kind="answer", value={"code": "7777", "message": message, "data": [], "x": {}})
        )
        with pytest.raises(OutcomeUnknown) as caught:
            client.create_user(user_id="lily08")
        assert caught.value.code == "7777"
        assert "\x00" not in caught.value.message

    @pytest.mark.parametrize(
        "balance", ["", " 1", "1e5", "1_000", "１２", "0x10", "Infinity", "1,5", "9" * 17]
    )
    def test_g05_does_not_believe_an_account_without_a_readable_balance(
        self, hrg: Service, client: Client, balance: str
    ) -> None:
        data = {"agentId": "acme01", "userId": "lily08", "balance": balance}
        hrg.simulator.faults.add(Fault(kind="answer", value={"code": "0000", "data": data}))
        with pytest.raises(OutcomeUnknown, match="bad_balance"):
            _ = client.create_user(user_id="lily08").money

    @pytest.mark.parametrize("code", ["7777", "9999", "8001", "1", "Success"])
    def test_g07_takes_every_other_code_for_an_unknown_outcome(
        self, hrg: Service, client: Client, code: str
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="code", value=code))
        with pytest.raises(OutcomeUnknown) as caught:
            client.create_user(user_id="lily08")
        assert caught.value.code == code


class TestATransfer:
    def test_moves_money_under_our_code(self, hrg: Service, client: Client) -> None:
        client.create_user(user_id="lily08")
        done = client.deposit(user_id="lily08", amount=Decimal("12.5"), transaction_code="t-1")
        assert done.moved == Decimal("12.5")
        assert json.loads(hrg.bodies("/api/deposit")[0]) == {
            "agentId": "acme01",
            "userId": "lily08",
            "amount": "12.5",
            "transactionCode": "t-1",
        }
        client.withdraw(user_id="lily08", amount=Decimal(2), transaction_code="t-2")
        account = client.get_balance(user_id="lily08")
        assert account is not None
        assert account.money == Decimal("10.5")

    def test_takes_exactly_the_amount_back(self, hrg: Service, client: Client) -> None:
        client.create_user(user_id="lily08", balance=Decimal(5))
        client.withdraw(user_id="lily08", amount=Decimal(2), transaction_code="t-2")
        assert json.loads(hrg.bodies("/api/withdraw")[0])["allWithdraw"] is False

    def test_can_be_asked_about(self, client: Client) -> None:
        client.create_user(user_id="lily08", balance=Decimal(5))
        client.withdraw(user_id="lily08", amount=Decimal(2), transaction_code="t-2")
        assert client.check_transfer_operation(transaction_code="t-2").moved == Decimal(2)

    @pytest.mark.parametrize("code", ["", "x" * 31])
    def test_refuses_codes_that_are_too_long_or_none(
        self, hrg: Service, client: Client, code: str
    ) -> None:
        with pytest.raises(Refused, match="invalid_order"):
            client.deposit(user_id="lily08", amount=Decimal(1), transaction_code=code)
        assert not hrg.simulator.requests

    def test_refuses_nothing_as_an_amount(self, hrg: Service, client: Client) -> None:
        with pytest.raises(Refused, match="bad_amount"):
            client.deposit(user_id="lily08", amount=Decimal(0), transaction_code="t")
        assert not hrg.simulator.requests


class TestGetBalance:
    def test_g09_asks_for_one_player_only(self, hrg: Service, client: Client) -> None:
        client.create_user(user_id="lily08")
        account = client.get_balance(user_id="lily08")
        assert account is not None
        assert json.loads(hrg.bodies("/api/get_balance")[0]) == {
            "agentId": "acme01",
            "allUser": False,
            "userIds": ["lily08"],
        }

    @pytest.mark.parametrize("data", [{}, {"list": None}, None, {"list": [{"userId": "lily08"}]}])
    def test_does_not_take_an_odd_answer_for_an_absent_player(
        self, hrg: Service, client: Client, data: object
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="answer", value={"code": "0000", "data": data}))
        with pytest.raises(OutcomeUnknown):
            client.get_balance(user_id="lily08")

    def test_tells_that_a_player_is_not_there(self, client: Client) -> None:
        assert client.get_balance(user_id="nobody") is None

    def test_does_not_take_another_agents_player_for_ours(
        self, hrg: Service, client: Client
    ) -> None:
        other = Client(base_url=hrg.url, username="id", password="secret", agent_id="other")
        other.create_user(user_id="lily08")
        assert client.get_balance(user_id="lily08") is None


class TestOurAccess:
    @pytest.mark.parametrize("rules", [{"keys": {"id": "new"}}, {"allowed_ips": ["203.0.113.1"]}])
    def test_is_told_from_a_refused_request(
        self, hrg: Service, client: Client, rules: dict[str, object]
    ) -> None:
        hrg.simulator.rules.update(rules)
        with pytest.raises(TargetRefused):
            client.create_user(user_id="lily08")
        assert hrg.count() == 0

    def test_that_nobody_listens_to_means_that_nothing_was_sent(self) -> None:
        client = Client(base_url="http://127.0.0.1:9", username="i", password="s", agent_id="a")
        with pytest.raises(Passing, match="not_sent"):
            client.create_user(user_id="lily08")
