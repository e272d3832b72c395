"""What happens below the messages: HTTP, proxies, locks, killed servers."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connections, transaction

from callbacks.parsing import write_json
from config import processes
from config.embedded.process import Process
from tests.callbacks.world import Document, World, in_parallel, make_world
from wallet.models import Wallet

D = Decimal


class TestAnswers:
    @pytest.mark.parametrize(
        "payload",
        ["login_token", "sync", "notice", "bet", "query", "refund", "batch_refund", "net_check"],
    )
    def test_f01_are_one_json_object_in_utf_8(self, world: World, payload: str) -> None:
        reply = world.send(world.message(payload))

        assert (reply.http_status, reply.status) == (200, 200)
        assert reply.headers["content-type"] == "application/json"
        assert int(reply.headers["content-length"]) == len(reply.body)
        assert isinstance(reply.json, dict)

    def test_names_outside_ascii_are_echoed_in_utf_8(self, world: World) -> None:
        reply = world.send(world.message("sync", seqNo="序列-1"))

        assert "序列-1".encode() in reply.body

    def test_the_content_type_of_the_question_does_not_matter(self, world: World) -> None:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", ""):
            reply = world.send(world.message("sync"), Content_Type=content_type)
            assert reply.status == 200

    def test_a_chunked_body_is_read(self, world: World) -> None:
        body = write_json(world.message("sync")).encode()
        parts = urlsplit(world.url)
        chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
        with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
            client.sendall(
                b"POST /syncCredit HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n" + chunks
            )
            answer = b"".join(iter(lambda: client.recv(65536), b""))

        assert b'"status":200' in answer


class TestNegativeChannelId:
    def test_d14_is_signed_and_addressed_with_its_minus(
        self, web_server: str, committed_db: None
    ) -> None:
        world = make_world(web_server, channel_id=-(time.time_ns() % 1_000_000_000))

        at_the_root = world.send(world.message("bet"))
        below_its_prefix = world.send(
            world.message("payout"), path=f"/c/{world.channel.pk}/increaseCredit"
        )

        assert (at_the_root.status, below_its_prefix.status) == (200, 200)


class TestLockedWallet:
    @pytest.fixture(autouse=True)
    def _locked(self, world: World) -> Iterator[None]:
        wallet = Wallet.objects.get(player=world.players["lily08"], type_id=0)
        self.lock = ExitStack()
        self.lock.enter_context(transaction.atomic(using="owner"))
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM wallet_wallet WHERE id = %s FOR UPDATE", [wallet.pk])
        yield
        self.lock.close()
        connections["owner"].close()

    @pytest.mark.parametrize("payload", ["bet", "refund", "batch_refund"])
    def test_d43_a_money_message_is_answered_busy_in_time(self, world: World, payload: str) -> None:
        message = world.message(payload)
        started = time.monotonic()

        reply = world.send(message)

        elapsed = time.monotonic() - started
        assert reply.status == 4003
        assert elapsed < 2.5

    def test_d43_messages_that_queue_up_behind_each_other_are_answered_in_time_too(
        self, world: World
    ) -> None:
        def send(number: int) -> tuple[int, float]:
            time.sleep(0.15 * number)
            started = time.monotonic()
            status = world.move(1, "-1", f"queue-{number}").status
            return status, time.monotonic() - started

        with ThreadPoolExecutor(5) as crowd:
            answers = list(crowd.map(send, range(5)))

        assert {status for status, _seconds in answers} == {4003}
        assert max(seconds for _status, seconds in answers) < 2.5

    def test_d43_nothing_moved_and_the_resend_succeeds_once(self, world: World) -> None:
        message = world.message("bet")
        with world.nothing_moves():
            assert world.send(message).status == 4003
        self.lock.close()

        replies = in_parallel(3, lambda: world.send(message))

        assert {reply.status for reply in replies} == {200}
        assert world.balance() == D("920.01")

    def test_a_crowd_at_it_leaves_the_server_to_the_other_wallets(self, world: World) -> None:
        numbers = iter(range(10_000))
        until = time.monotonic() + 4

        def knock() -> list[int]:
            statuses = []
            while time.monotonic() < until:
                statuses.append(world.move(1, "-1", f"crowd-{next(numbers)}").status)
            return statuses

        with ThreadPoolExecutor(20) as crowd:
            knocking = [crowd.submit(knock) for _ in range(20)]
            waits: list[float] = []
            while time.monotonic() < until:
                started = time.monotonic()
                reply = world.move(
                    1,
                    "-0.01",
                    f"other-{len(waits)}",
                    username="otto11",
                    currency="USD",
                    sessionToken="s-1-otto11",
                )
                waits.append(time.monotonic() - started)
                assert reply.status == 200
        assert {status for one in knocking for status in one.result()} == {4003}
        assert sorted(waits)[len(waits) // 2] < 0.5
        assert len(waits) > 10

    def test_reading_goes_on(self, world: World) -> None:
        assert world.send(world.message("sync")).status == 200

    def test_the_failure_is_in_the_inbox(self, world: World) -> None:
        world.send(world.message("bet", seqNo="stuck"))

        (row,) = world.received("stuck")
        assert (row.status, row.decision) == (4003, "failed")


class TestLockedTable:
    @pytest.mark.parametrize("payload", ["sync", "bet"])
    def test_d43_is_answered_busy_in_time_and_nothing_moves(
        self, world: World, payload: str
    ) -> None:
        message = world.message(payload)
        with (
            world.nothing_moves(),
            transaction.atomic(using="owner"),
            connections["owner"].cursor() as cursor,
        ):
            cursor.execute("LOCK TABLE wallet_wallet IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            reply = world.send(message)
            elapsed = time.monotonic() - started

        connections["owner"].close()
        assert reply.status == 4003
        assert elapsed < 2.5


class TestKilledServer:
    def test_d44_a_lost_answer_is_given_again(self, committed_db: None) -> None:
        world, server = start_own_server("d44")
        message = world.message("bet", seqNo="ic-d44")
        send_without_listening(world, message)
        deadline = time.monotonic() + 10
        while not world.entries(source="ebet:1") and time.monotonic() < deadline:
            time.sleep(0.01)
        os.killpg(server.pid, signal.SIGKILL)
        server.stop()

        world.url, server = start_server("d44-again")
        try:
            reply = world.send(message)
        finally:
            server.stop()

        assert reply.status == 200
        assert (reply["moneyBefore"], reply["money"]) == (D("1000.01"), D("920.01"))
        assert len(world.entries(source="ebet:1")) == 1


@pytest.fixture(scope="module")
def proxied_server(django_db_setup: None) -> Iterator[str]:
    os.environ["TRUSTED_PROXIES"] = "127.0.0.1/32,10.0.0.0/8"
    try:
        url, server = start_server("proxied")
    finally:
        del os.environ["TRUSTED_PROXIES"]
    yield url
    server.stop()


class TestBehindProxies:
    @pytest.fixture
    def world(self, proxied_server: str, committed_db: None) -> World:
        world = make_world(proxied_server)
        world.switch(allowed_networks=["203.0.113.10/32", "2001:db8::/32"])
        return world

    @pytest.mark.parametrize(
        ("forwarded", "status"),
        [
            ("203.0.113.10", 200),
            ("203.0.113.10, 10.1.2.3", 200),
            ("198.51.100.9, 203.0.113.10", 200),
            ("::ffff:203.0.113.10", 200),
            ("2001:db8::5", 200),
            ("198.51.100.9", 4027),
            ("203.0.113.10, 198.51.100.9", 4027),
            ("203.0.113.10, rubbish", 4027),
            ("203.0.113.10:443", 4027),
            ("rubbish", 4027),
            ("10.1.2.3", 4027),
            (",", 4027),
        ],
    )
    def test_f06_the_address_before_the_last_trusted_proxy_counts(
        self, world: World, forwarded: str, status: int
    ) -> None:
        reply = world.send(world.message("sync"), X_Forwarded_For=forwarded)

        assert reply.status == status

    def test_without_the_header_the_proxy_itself_is_the_caller(self, world: World) -> None:
        assert world.send(world.message("sync")).status == 4027

    def test_the_inbox_names_the_caller(self, world: World) -> None:
        world.send(world.message("sync", seqNo="x"), X_Forwarded_For="203.0.113.10")

        assert world.received("x")[0].address == "203.0.113.10"


def start_server(name: str) -> tuple[str, Process]:
    port = processes.free_port()
    server = processes.web_server(port=port, workers=1, log=settings.PATHS.logs / f"{name}.log")
    processes.wait_for_port(port, server)
    return f"http://127.0.0.1:{port}", server


def start_own_server(name: str) -> tuple[World, Process]:
    url, server = start_server(name)
    return make_world(url), server


def send_without_listening(world: World, message: Document) -> None:
    """Ask and hang up at once."""
    body = write_json(message).encode()
    parts = urlsplit(world.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as client:
        client.sendall(
            b"POST /increaseCredit HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
