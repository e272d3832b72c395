"""The door to the network: bounded, redacted, and honest about what may have been sent."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from threading import Thread

import pytest

from providers import http, wire
from providers.errors import OutcomeUnknown, Passing, TargetRefused
from providers.hrg.client import Client
from providers.masking import KEPT_CHARACTERS, Mask
from providers.simulators.faults import Fault
from tests.providers.conftest import Service

PATH = "/api/create_user"


def post(url: str, body: bytes = b"{}") -> tuple[http.Answer, http.Exchange]:
    log: list[http.Exchange] = []
    answer = http.post_json(
        url=url, body=body, headers={"Authorization": "Basic c2VjcmV0OnNlY3JldA=="}, log=log
    )
    return answer, log[0]


@contextmanager
def _banner(text: bytes) -> Iterator[str]:
    """A server that greets its one visitor with `text`, whatever they say."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            visitor, _ = server.accept()
            with visitor:
                request = b""
                while part := visitor.recv(65_536):
                    request += part
                    if request.partition(b"\r\n\r\n")[2]:
                        break  # all of it was read: what is not would reset the connection
                visitor.sendall(text)

        thread = Thread(target=greet)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        thread.join()


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
        assert Mask().kept(f'{{"{member}" : "abc","n":1}}') == f'{{"{member}" : "***","n":1}}'

    def test_masks_a_secret_that_is_cut_off(self) -> None:
        assert Mask().kept('{"password":"abc') == '{"password":"***"'

    @pytest.mark.parametrize(
        ("quoted", "masked"),
        [
            ('pw=a"/+ü12345;', "pw=***;"),
            (r'{"m":"a\"\/\u002b\u00FC12345"}', '{"m":"***"}'),
            ("?p=a%22%2F%2B%C3%BC12345&x=1", "?p=***&x=1"),
            ("<b>a&quot;/&#43;&#xfc;12345</b>", "<b>***</b>"),
            ("key-key, MTI6a2V5LWtleQ== or MTI6a2V5LWtleQ%3D%3D", "***, *** or ***"),
        ],
    )
    def test_masks_the_secrets_of_a_request_however_they_are_quoted(
        self, quoted: str, masked: str
    ) -> None:
        body = json.dumps({"UserName": "lily08", "Password": 'a"/+ü12345'})
        mask = Mask.of(body=body, headers={"Authorization": "Basic MTI6a2V5LWtleQ=="})
        assert mask(quoted) == masked
        assert "key-key" not in repr(mask)

    def test_is_short(self) -> None:
        assert len(Mask().kept("x" * 100_000)) == KEPT_CHARACTERS

    def test_can_be_stored_in_postgresql(self) -> None:
        assert "\x00" not in Mask().kept("a\x00b")

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

    def test_that_is_no_http_is_not_quoted(self) -> None:
        with (
            _banner(b"SSH-2.0-OpenSSH_9.2 secret\r\n") as url,
            pytest.raises(OutcomeUnknown) as caught,
        ):
            post(url)
        assert str(caught.value) == "no_answer: RemoteProtocolError"

    def test_with_a_byte_order_mark_is_read(self) -> None:
        assert wire.decode(b'\xef\xbb\xbf{"code":"0000"}', dict) == {"code": "0000"}

    def test_that_fails_is_named_by_its_status_alone(self) -> None:
        with _banner(b"HTTP/1.1 500 aws_key\r\nContent-Length: 7\r\n\r\naws_key") as url:
            answer, exchange = post(url)

        with pytest.raises(OutcomeUnknown) as caught:
            wire.check_http_status(answer)
        assert str(caught.value) == "HTTP 500"
        assert exchange.answer == "aws_key"

    def test_that_is_too_large_is_not_read(self, hrg: Service) -> None:
        hrg.simulator.faults.add(Fault(kind="huge"))
        with pytest.raises(OutcomeUnknown, match="answer_too_large"):
            post(f"{hrg.url}{PATH}")

    def test_that_sets_a_cookie_does_not_mark_the_next_request(self, hrg: Service) -> None:
        head = b"HTTP/1.1 200 OK\r\nSet-Cookie: agent=one; Path=/\r\nContent-Length: 2\r\n\r\n{}"
        with _banner(head) as url:
            post(url)
        post(f"{hrg.url}{PATH}")
        [seen] = hrg.simulator.requests
        assert "cookie" not in seen.headers

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
            "http://h.example/?key=x",
            "http://h.example?/api/create_user",
            "http://h.example/#api",
            "http://h.example:port/",
            "http://[::1",
            "http://169.254.169.254/latest",
            "http://169.254.169.254./",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[fe80::1]/",
            "http://[fe80::1%25eth0]/",
            "http://[fd00:ec2::254]/",
            "http://100.100.100.200/",
            "http://0.0.0.0/",
            "http://0/",
            "http://[::]/",
            "http://224.0.0.1/",
            "http://[ff02::1]/",
        ],
    )
    def test_that_no_provider_has_is_refused(self, url: str) -> None:
        with pytest.raises(TargetRefused, match="bad_address"):
            post(url)

    def test_that_a_name_leads_to_is_refused_before_anything_is_sent(
        self, hrg: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(http, "_METADATA", {ip_address("127.0.0.1")})
        url = f"{hrg.url.replace('127.0.0.1', 'localhost')}{PATH}"
        log: list[http.Exchange] = []

        with pytest.raises(TargetRefused, match=r"bad_address: 127\.0\.0\.1"):
            http.post_json(url=url, body=b"{}", headers={}, log=log)

        assert not hrg.simulator.requests
        assert [exchange.error for exchange in log] == ["bad_address"]

    @pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433"])
    def test_on_this_machine_is_a_providers(self, hrg: Service, host: str) -> None:
        answer, _ = post(f"{hrg.url.replace('127.0.0.1', host)}{PATH}")
        assert answer.status == 200

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://no-such-host.invalid/"])
    def test_that_cannot_be_reached_means_nothing_was_sent(self, url: str) -> None:
        with pytest.raises(Passing, match="not_sent"):
            post(url)

    def test_may_end_in_a_slash(self, hrg: Service) -> None:
        client = Client(base_url=hrg.url + "/", username="i", password="s", agent_id="a")
        client.create_user(user_id="lily08")
        assert hrg.count() == 1
