"""The door to the network: bounded, redacted, and honest about what may have been sent."""

import pytest

from providers import http
from providers.errors import OutcomeUnknown, Passing, TargetRefused
from providers.hrg.client import Client
from providers.simulators.faults import Fault
from tests.providers.conftest import Service

PATH = "/api/create_user"


def post(url: str, body: bytes = b"{}") -> tuple[http.Answer, http.Exchange]:
    log: list[http.Exchange] = []
    answer = http.post_json(
        url=url, body=body, headers={"Authorization": "Basic c2VjcmV0OnNlY3JldA=="}, log=log
    )
    return answer, log[0]


class TestWhatIsKept:
    def test_never_has_a_secret(self, beiying: Service) -> None:
        body = b'{"UserName":"lily08","Password":"pw\\"123","x":1.10}'
        _, exchange = post(f"{beiying.url}/v1/account/register", body)
        assert exchange.request == '{"UserName":"lily08","Password":"***","x":1.10}'
        assert "c2VjcmV0" not in str(exchange)

    @pytest.mark.parametrize(
        "member",
        [
            "password",
            "Password",
            "SecretKey",
            "secret_key",
            "signature",
            "accessToken",
            "sessionToken",
            "Url",
            "launchUrl",
        ],
    )
    def test_masks_every_secret_member(self, member: str) -> None:
        assert http.redact(f'{{"{member}" : "abc","n":1}}') == f'{{"{member}" : "***","n":1}}'

    def test_masks_a_secret_that_is_cut_off(self) -> None:
        assert http.redact('{"password":"abc') == '{"password":"***"'

    def test_is_short(self) -> None:
        assert len(http.redact("x" * 100_000)) == http.KEPT_CHARACTERS

    def test_can_be_stored_in_postgresql(self) -> None:
        assert "\x00" not in http.redact("a\x00b")

    def test_has_status_answer_and_duration(self, hrg: Service) -> None:
        hrg.simulator.faults.add(Fault(kind="delay", value=30))
        hrg.simulator.faults.add(Fault(kind="answer", value={"code": "7777"}))
        _, exchange = post(f"{hrg.url}{PATH}")
        assert (exchange.http_status, exchange.answer) == (200, '{"code":"7777"}')
        assert exchange.duration_ms >= 30


class TestAnAnswer:
    @pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
    def test_that_never_comes_leaves_the_outcome_unknown(self, hrg: Service, kind: str) -> None:
        hrg.simulator.faults.add(Fault(kind=kind))
        with pytest.raises(OutcomeUnknown, match="no_answer"):
            post(f"{hrg.url}{PATH}")

    def test_that_takes_too_long_leaves_the_outcome_unknown(
        self, hrg: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http, "TOTAL_SECONDS", 0)
        with pytest.raises(OutcomeUnknown, match="too_slow"):
            post(f"{hrg.url}{PATH}")

    def test_that_is_too_large_is_not_read(self, hrg: Service) -> None:
        hrg.simulator.faults.add(Fault(kind="huge"))
        with pytest.raises(OutcomeUnknown, match="answer_too_large"):
            post(f"{hrg.url}{PATH}")

    def test_that_redirects_is_not_followed(self, hrg: Service) -> None:
        hrg.simulator.faults.add(Fault(kind="status", value=307))
        answer, _ = post(f"{hrg.url}{PATH}")
        assert answer.status == 307


class TestAnAddress:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "ftp://h.example/",
            "file:///etc/passwd",
            "http://",
            "http://user:pw@h.example/",
            "http://h.example:port/",
            "http://[::1",
            "http://169.254.169.254/latest",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://224.0.0.1/",
        ],
    )
    def test_that_no_provider_has_is_refused(self, url: str) -> None:
        with pytest.raises(TargetRefused, match="bad_address"):
            post(url)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://no-such-host.invalid/"])
    def test_that_cannot_be_reached_means_nothing_was_sent(self, url: str) -> None:
        with pytest.raises(Passing, match="not_sent"):
            post(url)

    def test_may_end_in_a_slash(self, hrg: Service) -> None:
        client = Client(base_url=hrg.url + "/", username="i", password="s", agent_id="a")
        client.create_user(user_id="lily08")
        assert hrg.count() == 1
