"""The stand-ins themselves: steered over HTTP, startable alone, with books that last."""

import base64
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from config import processes
from config.embedded.process import Process
from providers.beiying.client import Client as BeiyingClient
from providers.errors import AlreadyExists, ProviderError, Refused
from providers.hrg.client import Client as HrgClient
from providers.simulators.book import Book
from providers.simulators.faults import BEFORE, KINDS, Fault, FaultPlan
from providers.simulators.hrg import Hrg
from providers.simulators.server import running
from tests.providers.conftest import SECRET_KEY, Service


def control(url: str, what: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(f"{url}/_control/{what}", data=data, timeout=5) as answer:
        return json.loads(answer.read())


def hrg_client(url: str) -> HrgClient:
    return HrgClient(base_url=url, username="id", password="secret", agent_id="acme01")


@pytest.fixture
def client(hrg: Service) -> HrgClient:
    return hrg_client(hrg.url)


class TestControl:
    def test_shows_the_book_and_the_requests(self, hrg: Service, client: HrgClient) -> None:
        client.create_user(user_id="lily08")
        assert list(control(hrg.url, "book")["account"]) == ["id/lily08"]
        [seen] = control(hrg.url, "requests")
        assert seen["path"] == "/api/create_user"
        assert seen["body"] == '{"agentId":"acme01","userId":"lily08"}'

    def test_scripts_a_fault_and_takes_it_back(self, hrg: Service, client: HrgClient) -> None:
        control(hrg.url, "faults", {"kind": "status", "value": 503, "times": 0})
        with pytest.raises(ProviderError, match="503"):
            client.create_user(user_id="lily08")
        control(hrg.url, "reset", {})
        client.create_user(user_id="lily08")
        assert hrg.count() == 1

    def test_changes_the_rules(self, hrg: Service, client: HrgClient) -> None:
        control(hrg.url, "rules", {"keys": {"id": "new"}})
        with pytest.raises(ProviderError, match="401"):
            client.create_user(user_id="lily08")

    def test_is_not_recorded_as_traffic(self, hrg: Service) -> None:
        control(hrg.url, "book")
        assert control(hrg.url, "requests") == []

    @pytest.mark.parametrize(
        ("what", "body", "reason"),
        [
            ("faults", {"kind": "surprise"}, "'surprise' is none of delay, drop_before"),
            ("faults", {"kind": "status"}, "None is no value for status: answer HTTP"),
            ("faults", {"kind": "code", "value": ""}, "'' is no value for code"),
            ("faults", {"kind": "delay", "value": "long"}, "'long' is no value for delay"),
            ("faults", {"kind": "garbage", "often": 2}, "unexpected keyword argument 'often'"),
            ("rules", ["keys"], "dictionary update"),
        ],
    )
    def test_says_what_is_wrong_with_what_it_is_sent(
        self, hrg: Service, what: str, body: Any, reason: str
    ) -> None:
        with pytest.raises(urllib.error.HTTPError, match="400") as caught:
            control(hrg.url, what, body)
        assert reason in json.loads(caught.value.read())["error"]
        caught.value.close()
        assert control(hrg.url, "requests") == []

    def test_of_an_unknown_thing_is_not_found(self, hrg: Service) -> None:
        with pytest.raises(urllib.error.HTTPError, match="404"):
            control(hrg.url, "nothing")


class TestFaults:
    def test_of_an_unknown_kind_are_refused(self) -> None:
        with pytest.raises(ValueError, match="surprise"):
            Fault(kind="surprise")

    def test_are_taken_in_order_by_path_and_as_often_as_asked(self) -> None:
        plan = FaultPlan()
        plan.add(Fault(kind="garbage", path="/b"))
        plan.add(Fault(kind="status", value=500, times=2))
        taken = [[fault.kind for fault in plan.take(path)] for path in ("/a", "/b", "/b", "/b")]
        assert taken == [["status"], ["garbage"], ["status"], []]

    def test_come_with_delays(self) -> None:
        plan = FaultPlan()
        plan.add(Fault(kind="delay", value=1, times=0))
        plan.add(Fault(kind="drop_after"))
        assert [fault.kind for fault in plan.take("/a")] == ["delay", "drop_after"]
        assert [fault.kind for fault in plan.take("/a")] == ["delay"]

    @pytest.mark.parametrize("kind", sorted(KINDS))
    def test_leave_the_simulator_alive(self, hrg: Service, client: HrgClient, kind: str) -> None:
        value = {"delay": 1, "status": 500, "status_after": 500, "code": "9999", "answer": {}}
        control(hrg.url, "faults", {"kind": kind, "value": value.get(kind)})
        with suppress(ProviderError):
            client.create_user(user_id="lily08")
        client.get_balance(user_id="lily08")
        done_first = kind not in BEFORE
        assert hrg.count() == int(done_first)


class TestABook:
    def test_in_a_file_outlives_its_simulator(self, tmp_path: Path) -> None:
        with running(Hrg(book=Book(tmp_path / "hrg.sqlite3"))) as url:
            hrg_client(url).create_user(user_id="lily08", balance=Decimal("1.5"))
        with running(Hrg(book=Book(tmp_path / "hrg.sqlite3"))) as url:
            account = hrg_client(url).get_balance(user_id="lily08")
        assert account is not None
        assert account.money == Decimal("1.5")


class TestBeiyingsOwnRules:
    def test_names_are_kept_in_lower_case(self, beiying: Service) -> None:
        client = BeiyingClient(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)
        assert client.register(user_name="Lily08", password="pw123").user_name == "lily08"
        with pytest.raises(AlreadyExists):
            client.register(user_name="lilY08", password="pw123")

    def test_another_site_has_names_of_its_own(self, beiying: Service) -> None:
        for site_id in (12, 13):
            client = BeiyingClient(base_url=beiying.url, site_id=site_id, secret_key=SECRET_KEY)
            client.register(user_name="lily08", password="pw123")
        assert beiying.count() == 2

    def test_a_malformed_request_is_refused_before_the_key(self, beiying: Service) -> None:
        beiying.simulator.rules["keys"] = {}
        client = BeiyingClient(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)
        with pytest.raises(Refused, match="HTTP 400"):
            client._call("account/login", dict, UserName="lily08", Game="FOO")

    def test_a_launch_link_opens_a_page(self, beiying: Service) -> None:
        client = BeiyingClient(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)
        client.register(user_name="lily08", password="pw123")
        link = client.login(user_name="lily08", game="KY")
        with urllib.request.urlopen(link, timeout=5) as page:
            assert b"lily08" in page.read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{beiying.url}/login?id=other", timeout=5)

    def test_a_launch_link_dies_after_five_minutes(
        self, beiying: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = BeiyingClient(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)
        client.register(user_name="lily08", password="pw123")
        link = client.login(user_name="lily08", game="KY")
        now = time.time()
        monkeypatch.setattr("providers.simulators.beiying.time.time", lambda: now + 290)
        urllib.request.urlopen(link, timeout=5).close()
        monkeypatch.setattr("providers.simulators.beiying.time.time", lambda: now + 302)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(link, timeout=5)

    @pytest.mark.parametrize("identity", ["0:key", "x:key", "12:", "12", ":key", "-1:key"])
    def test_credentials_that_cannot_be_a_sites_are_refused(
        self, beiying: Service, identity: str
    ) -> None:
        token = base64.b64encode(identity.encode()).decode()
        request = urllib.request.Request(
            f"{beiying.url}/v1/funds/check",
            data=b"{}",
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.loads(answer.read())["Code"] == "Authorization"

    @pytest.mark.parametrize(
        ("rules", "code"),
        [
            ({"keys": {}, "allowed_ips": ["203.0.113.1"], "stopped": True}, "Authorization"),
            ({"allowed_ips": ["203.0.113.1"], "stopped": True}, "IP"),
            ({"stopped": True}, "STATUS"),
        ],
    )
    def test_access_is_checked_in_the_order_of_the_real_server(
        self, beiying: Service, rules: dict[str, Any], code: str
    ) -> None:
        beiying.simulator.rules.update(rules)
        client = BeiyingClient(base_url=beiying.url, site_id=12, secret_key=SECRET_KEY)
        with pytest.raises(ProviderError, match=code):
            client.check(order_id="o-1")


def simulate(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "simulate", *arguments],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class TestTheCommand:
    @pytest.mark.parametrize("service", ["hrg", "beiying", "ebet"])
    def test_serves_one_service_alone(self, service: str, tmp_path: Path) -> None:
        port = processes.free_port()
        process = Process(
            name=service,
            command=[sys.executable, "manage.py", "simulate", service, "--port", str(port)],
            directory=settings.BASE_DIR,
            log=tmp_path / "log",
        )
        try:
            processes.wait_for_port(port, process)
            assert control(f"http://127.0.0.1:{port}", "requests") == []
        finally:
            process.stop()

    def test_says_in_one_sentence_that_a_port_is_taken(self, hrg: Service) -> None:
        port = hrg.url.rpartition(":")[2]
        done = simulate("hrg", "--port", port)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"CommandError: Cannot listen on 127.0.0.1, port {port}: Address already in use.\n"
        )

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["hrg", "--port", "70000"], "There is no port 70000: 0 to 65535."),
            (["hrg", "--port", "abc"], "invalid int value: 'abc'"),
            (["hrg", "--host", "no.such.host.invalid"], "Cannot listen on no.such.host.invalid"),
            (["hrg", "--key", "nocolon"], "“nocolon” is not ID:VALUE."),
            (["ebet", "--channel-key", "1:/nope"], "Cannot read /nope: No such file"),
            (["ebet", "--key", "a:b"], "--key is for hrg and beiying, --channel-key for ebet."),
            (["hrg", "--channel-key", "1:x"], "--key is for hrg and beiying"),
            (["hrg", "--book", "README.md"], "Cannot keep a book in README.md: file is not a"),
            (["hrg", "--book", "README.md/x/y"], "Cannot keep a book in README.md/x/y: "),
            (["other"], "invalid choice: 'other' (choose from 'beiying', 'ebet', 'hrg')"),
            ([], "the following arguments are required: service"),
        ],
    )
    def test_says_in_one_sentence_what_is_wrong(self, arguments: list[str], reason: str) -> None:
        with pytest.raises(CommandError) as caught:
            call_command("simulate", *arguments)
        assert reason in str(caught.value)
