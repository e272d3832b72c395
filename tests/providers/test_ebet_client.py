"""eBET's API as a channel calls it, against its simulator over HTTP."""

import json
import time
from decimal import Decimal

import pytest

from providers.ebet.answers import CODES
from providers.ebet.client import Client
from providers.ebet.signing import verify
from providers.errors import (
    AlreadyExists,
    NotThere,
    OutcomeUnknown,
    ProviderError,
    Refused,
    TargetRefused,
    Verdict,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Service
from tests.providers.keys import key_pair, weak_key_pair

PUBLIC, PRIVATE = key_pair()


@pytest.fixture
def client(ebet: Service) -> Client:
    ebet.simulator.rules["keys"] = {"-1": PUBLIC}
    return Client(base_url=ebet.url, channel_id=-1, private_pem=PRIVATE)


def sent(ebet: Service) -> dict[str, object]:
    body: dict[str, object] = json.loads(ebet.simulator.requests[-1].body)
    return body


class TestCallback:
    def test_c08_posts_exactly_the_documented_members(self, ebet: Service, client: Client) -> None:
        info = client.callback(username="lily08", access_token="tk-ok")
        body = sent(ebet)
        assert set(body) == {"username", "channelId", "timestamp", "accessToken", "signature"}
        assert (body["username"], body["channelId"], body["accessToken"]) == ("lily08", -1, "tk-ok")
        text = f"lily08-1tk-ok{body['timestamp']}"
        assert verify(PUBLIC, text, str(body["signature"]))
        assert info.user_id == 88_900_001
        assert [wallet.type_id for wallet in info.wallet] == [0, 1, 2, 3, 4, 5, 6]

    def test_c08_names_the_time_in_seconds(self, ebet: Service, client: Client) -> None:
        client.callback(username="lily08", access_token="tk-ok")
        assert abs(int(str(sent(ebet)["timestamp"])) - int(time.time())) <= 2

    def test_names_the_time_in_milliseconds_on_request(self, ebet: Service) -> None:
        ebet.simulator.rules["keys"] = {"-1": PUBLIC}
        client = Client(base_url=ebet.url, channel_id=-1, private_pem=PRIVATE, milliseconds=True)
        client.callback(username="lily08", access_token="tk-ok")
        assert abs(int(str(sent(ebet)["timestamp"])) - int(time.time() * 1000)) <= 2000

    @pytest.mark.parametrize("code", [4026, 410, 401])
    def test_c09_that_is_refused_raises(self, ebet: Service, client: Client, code: int) -> None:
        ebet.simulator.faults.add(Fault(kind="code", value=code))
        with pytest.raises(ProviderError) as caught:
            client.callback(username="lily08", access_token="tk-ok")
        assert caught.value.code == str(code)

    def test_c09_that_gets_no_answer_raises(self, ebet: Service, client: Client) -> None:
        ebet.simulator.faults.add(Fault(kind="drop_before"))
        with pytest.raises(OutcomeUnknown):
            client.callback(username="lily08", access_token="tk-ok")

    def test_keeps_neither_token_nor_signature(self, client: Client) -> None:
        client.callback(username="lily08", access_token="tk-ok")
        assert "tk-ok" not in str(client.log)
        assert '"signature":"***"' in client.log[0].request

    def test_believes_only_an_answer_for_the_player(self, ebet: Service, client: Client) -> None:
        answer = {"status": 200, "userId": 1, "username": "x", "money": 0, "wallet": []}
        ebet.simulator.faults.add(Fault(kind="answer", value=answer))
        with pytest.raises(OutcomeUnknown):
            client.callback(username="lily08", access_token="tk-ok")


class TestOtherEvents:
    def test_are_signed_by_their_formulas(self, ebet: Service, client: Client) -> None:
        """The simulator refuses what is signed otherwise."""
        client.syncuser(username="lily08", sub_channel_id=3)
        client.userinfo(username="lily08")
        client.logout(username="lily08")
        assert client.launch_url(currency="CNY", in_china=True) == "https://games.example/h5"
        assert sent(ebet)["china"] == "1"
        client.getseqnorecord(start="2023-06-07 00:00:00", end="2023-06-08 00:00:00")
        assert "username" not in sent(ebet)
        client.getseqnorecord(start="a", end="b", username="lily08")

    def test_are_signed_with_a_weak_key_as_well(self, ebet: Service) -> None:
        public, private = weak_key_pair()
        ebet.simulator.rules["keys"] = {"7": public}
        Client(base_url=ebet.url, channel_id=7, private_pem=private).syncuser(username="lily08")
        assert ebet.count("player") == 1

    def test_with_the_wrong_key_stop_the_channel(self, ebet: Service, client: Client) -> None:
        wrong = Client(base_url=ebet.url, channel_id=-1, private_pem=key_pair()[1])
        with pytest.raises(TargetRefused, match="4026"):
            wrong.userinfo(username="lily08")

    def test_tell_a_registered_player(self, client: Client) -> None:
        client.syncuser(username="lily08")
        with pytest.raises(AlreadyExists):
            client.syncuser(username="lily08")

    def test_tell_an_unknown_player(self, client: Client) -> None:
        with pytest.raises(NotThere, match="4037"):
            client.userinfo(username="nobody")

    def test_read_money_exactly(self, ebet: Service, client: Client) -> None:
        client.syncuser(username="lily08")
        ebet.simulator.rules["money"] = Decimal("1002906.52")
        info = client.userinfo(username="lily08")
        assert info.money == info.wallet[0].money == Decimal("1002906.52")

    def test_read_pages_of_what_ebet_remembers(self, ebet: Service, client: Client) -> None:
        record = {
            "seqNo": "b-1",
            "username": "lily08",
            "event": "increaseCredit",
            "startRequestTime": "2023-06-06T22:43:15.682Z",
            "endResponseTime": "2023-06-06T22:43:16.053Z",
            "status": 200,
        }
        ebet.simulator.rules["seq_nos"] = [record, {**record, "seqNo": "b-2"}]
        page = client.getseqnorecord(start="a", end="b", page=2, page_size=1)
        assert (page.count, page.remaining_visit) == (2, 499)
        assert [row.seq_no for row in page.records] == ["b-2"]


class TestAStatus:
    def test_of_every_documented_number_has_a_class(self) -> None:
        assert len(CODES) == 35

    @pytest.mark.parametrize(
        ("code", "verdict"),
        [
            (500, Verdict.UNKNOWN),
            (4003, Verdict.PASSING),
            (505, Verdict.PASSING),
            (4027, Verdict.TARGET),
            (4025, Verdict.PERMANENT),
            (12345, Verdict.CONFLICT),
        ],
    )
    def test_is_read_by_its_class(
        self, ebet: Service, client: Client, code: int, verdict: Verdict
    ) -> None:
        ebet.simulator.faults.add(Fault(kind="code", value=code))
        with pytest.raises(ProviderError) as caught:
            client.userinfo(username="lily08")
        assert caught.value.verdict is verdict

    def test_of_bad_credentials_is_final(self, ebet: Service, client: Client) -> None:
        ebet.simulator.faults.add(Fault(kind="code", value=401))
        with pytest.raises(Refused):
            client.userinfo(username="lily08")
