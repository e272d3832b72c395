"""贝盈's API on the wire, against its simulator over HTTP."""

import base64
import json
import urllib.request

import pytest

from providers.beiying.client import GAMES, Client
from providers.beiying.statuses import CODES, classify
from providers.codes import Reaction
from providers.errors import (
    AlreadyExists,
    NeedsDecision,
    NotThere,
    OutcomeUnknown,
    Passing,
    ProviderError,
    Refused,
    TargetRefused,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import SECRET_KEY, Service

EXPECTED = {
    **dict.fromkeys(["EXISTSUSER", "EXISTSORDER"], AlreadyExists),
    **dict.fromkeys(["NOUSER", "ORDER_NOTFOUND"], NotThere),
    **dict.fromkeys(
        ["BADNAME", "BADPASSWORD", "CONTENT", "TYPE_ERROR", "DATEEROOR", "BADMONEY", "BANORDER"],
        Refused,
    ),
    **dict.fromkeys(
        ["NOORDER", "TRANSFER_NO_ACTION", "USERLOCK", "NOBALANCE", "ORDER_FAILD"],
        Refused,
    ),
    **dict.fromkeys(
        ["IP", "Authorization", "Sign", "STATUS", "DOMAIN", "CONFIGERROR", "NOSUPPORT", "NOCREDIT"],
        TargetRefused,
    ),
    **dict.fromkeys(["TIMEOUT", "BUSY", "MAINTENANCE", "PROCCESSING"], Passing),
    "Faild": NeedsDecision,
    "Exception": OutcomeUnknown,
}


@pytest.fixture
def client(beiying: Service) -> Client:
    return Client(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)


class TestRegister:
    def test_h01_posts_name_and_password_with_that_casing(
        self, beiying: Service, client: Client
    ) -> None:
        registered = client.register(user_name="lily08", password="pw123")
        assert beiying.bodies("/v1/account/register") == [
            b'{"UserName":"lily08","Password":"pw123"}'
        ]
        assert registered.user_id == 1001

    def test_h01_is_exactly_this_request(self, beiying: Service, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        [seen] = beiying.simulator.requests
        assert (seen.method, seen.path, seen.query) == ("POST", "/v1/account/register", "")
        assert seen.headers == {
            "host": beiying.url.removeprefix("http://"),
            "accept": "application/json",
            "accept-encoding": "identity",
            "connection": "keep-alive",
            "user-agent": "backoffice/1",
            "content-type": "application/json",
            "authorization": "Basic " + base64.b64encode(f"12:{SECRET_KEY}".encode()).decode(),
            "content-length": str(len(seen.body)),
        }

    def test_h04_authorizes_with_site_and_key(self, beiying: Service, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        token = base64.b64encode(f"12:{SECRET_KEY}".encode()).decode()
        assert beiying.simulator.requests[0].headers["authorization"] == f"Basic {token}"

    @pytest.mark.parametrize("name", ["ab", "a" * 12, "a-b_c", "0123456789ab"])
    def test_h05_sends_names_within_the_rule(self, client: Client, name: str) -> None:
        assert client.register(user_name=name, password="pw123").user_name == name

    @pytest.mark.parametrize("name", ["a", "a" * 13, "a.b", "abc\n", "", "ab c", "丽丽"])
    def test_h05_refuses_other_names_before_any_request(
        self, beiying: Service, client: Client, name: str
    ) -> None:
        with pytest.raises(Refused, match="invalid_name"):
            client.register(user_name=name, password="pw123")
        assert not beiying.simulator.requests

    @pytest.mark.parametrize("length", [5, 16])
    def test_h05_sends_passwords_within_the_rule(self, client: Client, length: int) -> None:
        client.register(user_name="lily08", password="p" * length)

    @pytest.mark.parametrize("length", [0, 4, 17])
    def test_h05_refuses_other_passwords_before_any_request(
        self, beiying: Service, client: Client, length: int
    ) -> None:
        with pytest.raises(Refused, match="invalid_password"):
            client.register(user_name="lily08", password="p" * length)
        assert not beiying.simulator.requests

    def test_h07_tells_a_taken_name(self, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        with pytest.raises(AlreadyExists, match="EXISTSUSER"):
            client.register(user_name="lily08", password="pw123")

    def test_believes_success_only_for_the_name_it_sent(
        self, beiying: Service, client: Client
    ) -> None:
        answer = {"Code": "Success", "UserID": 1, "UserName": "other"}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        with pytest.raises(OutcomeUnknown):
            client.register(user_name="lily08", password="pw123")

    def test_leaves_the_outcome_unknown_where_the_number_is_none(
        self, beiying: Service, client: Client
    ) -> None:
        answer = {"Code": "Success", "UserID": "9" * 41, "UserName": "lily08"}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        with pytest.raises(OutcomeUnknown, match="unreadable"):
            client.register(user_name="lily08", password="pw123")

    def test_reads_a_number_too_large_for_json(self, beiying: Service, client: Client) -> None:
        """The server writes integers above 2^53 as strings."""
        answer = {"Code": "Success", "UserID": "9007199254740993", "UserName": "lily08"}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        registered = client.register(user_name="lily08", password="pw123")
        assert registered.user_id == "9007199254740993"


class TestLogin:
    def test_h02_gives_the_launch_link(self, beiying: Service, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        link = client.login(user_name="lily08", game="AGLive")
        assert link.startswith(f"{beiying.url}/login?id=")
        assert beiying.bodies("/v1/account/login") == [b'{"UserName":"lily08","Game":"AGLive"}']

    def test_h02_keeps_no_trace_of_the_link(self, client: Client) -> None:
        client.register(user_name="lily08", password="pw123")
        link = client.login(user_name="lily08", game="AGLive")
        assert link not in str(client.log)

    @pytest.mark.parametrize("game", ["FOO", "aglive", "", "1", "AGLive\n"])
    def test_h03_refuses_other_games_before_any_request(
        self, beiying: Service, client: Client, game: str
    ) -> None:
        with pytest.raises(Refused, match="invalid_game"):
            client.login(user_name="lily08", game=game)
        assert not beiying.simulator.requests

    @pytest.mark.parametrize("game", GAMES)
    def test_h03_opens_every_listed_game(self, client: Client, game: str) -> None:
        client.register(user_name="lily08", password="pw123")
        assert client.login(user_name="lily08", game=game)

    def test_of_an_unknown_user_says_so(self, client: Client) -> None:
        with pytest.raises(NotThere, match="NOUSER"):
            client.login(user_name="lily08", game="KY")


class TestACode:
    def test_h09_of_the_documentation_is_in_the_table(self) -> None:
        assert set(CODES) == {"Success", *EXPECTED}
        assert len(EXPECTED) == 30

    @pytest.mark.parametrize(("code", "error"), EXPECTED.items())
    def test_h09_is_classified_and_its_message_kept(
        self, beiying: Service, client: Client, code: str, error: type[ProviderError]
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code))
        with pytest.raises(ProviderError) as caught:
            client.register(user_name="lily08", password="pw123")
        assert type(caught.value) is error
        assert caught.value.code == code
        assert caught.value.message == f"simulated {code}"

    def test_h09_that_nobody_listed_is_a_persons_to_judge(
        self, beiying: Service, client: Client
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="NEW1"))
        with pytest.raises(NeedsDecision, match="NEW1"):
            client.register(user_name="lily08", password="pw123")
        assert classify("success") is Reaction.CONFLICT

    def test_h10_is_read_without_a_content_type(self, beiying: Service, client: Client) -> None:
        """The simulator, like the service, sends none with its refusals."""
        with urllib.request.urlopen(f"{beiying.url}/v1/funds/check", data=b"{}") as refused:
            assert refused.headers["Content-Type"] is None
            assert json.loads(refused.read())["Code"] == "Authorization"
        beiying.simulator.faults.add(Fault(kind="code", value="BADNAME"))
        with pytest.raises(Refused, match="BADNAME"):
            client.register(user_name="lily08", password="pw123")
        assert client.log[0].http_status == 200

    @pytest.mark.parametrize("message", [None, 7, {"text": "x"}, "a\x00b"])
    def test_h09_is_read_whatever_comes_with_it(
        self, beiying: Service, client: Client, message: object
    ) -> None:
        answer = {"Code": "BADNAME", "Message": message, "Data": []}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        with pytest.raises(Refused, match="BADNAME") as caught:
            client.register(user_name="lily08", password="pw123")
        assert "\x00" not in caught.value.message

    def test_h12_exception_leaves_the_outcome_unknown(
        self, beiying: Service, client: Client
    ) -> None:
        answer = {"Code": "Exception", "Message": "x", "RequestID": "0" * 32}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer))
        with pytest.raises(OutcomeUnknown, match="Exception: x"):
            client.register(user_name="lily08", password="pw123")

    def test_of_a_framework_refusal_is_the_requests_fault(
        self, beiying: Service, client: Client
    ) -> None:
        problem = {"type": "about:blank", "title": "One or more errors.", "status": 400}
        beiying.simulator.faults.add(Fault(kind="answer", value=problem))
        with pytest.raises(OutcomeUnknown, match="unreadable"):  # over HTTP 200 it is rubbish
            client.register(user_name="lily08", password="pw123")
        with pytest.raises(Refused, match="HTTP 400: One or more validation errors"):
            client._call("account/login", dict, UserName="lily08", Game="FOO")

    @pytest.mark.parametrize("kind", ["garbage", "drop_after", "huge"])
    def test_that_cannot_be_read_leaves_the_outcome_unknown(
        self, beiying: Service, client: Client, kind: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind=kind))
        with pytest.raises(OutcomeUnknown):
            client.register(user_name="lily08", password="pw123")
        assert beiying.count() == 1


class TestOurAccess:
    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            ({"keys": {"12": "another"}}, "Authorization"),
            ({"keys": {}}, "Authorization"),
            ({"allowed_ips": ["203.0.113.1"]}, "IP"),
            ({"stopped": True}, "STATUS"),
        ],
    )
    def test_is_told_from_a_refused_request(
        self, beiying: Service, client: Client, rules: dict[str, object], code: str
    ) -> None:
        beiying.simulator.rules.update(rules)
        with pytest.raises(TargetRefused, match=code):
            client.register(user_name="lily08", password="pw123")
        assert beiying.count() == 0
