"""Players, and eBET's messages about them at a given pace."""

from __future__ import annotations

import http.client
import itertools
import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.processes import free_port
from providers.ebet.signing import key_bits, sign
from tests.providers.keys import key_pair
from wallet import players
from wallet.models import Channel, ChannelKey

CHANNEL = 7
PUBLIC, PRIVATE = key_pair()
OK = 200


class Times:
    """How long answers took, in milliseconds from when they were due."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []
        self.errors = 0

    def at(self, percent: int) -> float:
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def make_players(number: int) -> list[str]:
    """A channel that lets loopback in, and players with money and an open session each."""
    channel = Channel.objects.create(
        id=CHANNEL, name="Bench", currency="CNY", allowed_networks=["127.0.0.1/32"]
    )
    ChannelKey.objects.create(
        channel=channel,
        state="active",
        public_pem=PUBLIC,
        fingerprint="bench",
        bits=key_bits(PUBLIC),
    )
    names = [f"player{n}" for n in range(number)]
    for name in names:
        player = players.register(
            channel=channel, username=name, opening_balances={0: Decimal(1_000_000)}
        )
        players.open_session(player=player, token=f"s-{name}", fixed=True)
    return names


def balance(name: str) -> tuple[str, bytes]:
    message = {
        "channelId": CHANNEL,
        "username": name,
        "tableType": 1,
        "currency": "CNY",
        "event": "syncCredit",
        "timestamp": time.time_ns() // 1_000_000,
        "sessionToken": f"s-{name}",
        "seqNo": uuid.uuid4().hex,
    }
    return "/syncCredit", json.dumps(message).encode()


def movement(name: str, kind: int, money: int, round_code: str) -> tuple[str, bytes]:
    seq_no, now = uuid.uuid4().hex, time.time_ns() // 1_000_000
    message = {
        "username": name,
        "channelId": CHANNEL,
        "money": money,
        "type": kind,
        "platform": 3,
        "currency": "CNY",
        "seqNo": seq_no,
        "detail": {"tableCode": "BP1", "tableType": 1, "roundCode": round_code},
        "event": "increaseCredit",
        "timestamp": now,
        "sessionToken": f"s-{name}",
        "signature": sign(PRIVATE, f"{seq_no}increaseCredit{CHANNEL}{now}{name}{money}"),
    }
    return "/increaseCredit", json.dumps(message).encode()


def play(names: list[str]) -> Iterator[tuple[str, bytes]]:
    """For ever: a balance, a bet, a balance, its payout."""
    for name in itertools.cycle(names):
        round_code = uuid.uuid4().hex
        yield balance(name)
        yield movement(name, 1, -10, round_code)
        yield balance(name)
        yield movement(name, 2, 9, round_code)


class Line:
    """One connection that stays open."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._connection = http.client.HTTPConnection(*address, timeout=10)

    def ask(self, path: str, body: bytes) -> int:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", path, body, headers)
        answer: dict[str, Any] = json.loads(self._connection.getresponse().read())
        return int(answer["status"])


def evening(address: tuple[str, int], names: list[str], *, rate: int, seconds: int) -> Times:
    """Messages at fixed times over 16 lines; a late answer counts from when it was due."""
    times, lines = Times(), 16
    share = len(names) // lines
    begin = time.perf_counter() + 1

    def sit(seat: int) -> None:
        line, messages = Line(address), play(names[seat * share : (seat + 1) * share])
        for number in range(seat, rate * seconds, lines):
            path, body = next(messages)
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            if line.ask(path, body) != OK:
                times.errors += 1
            times.milliseconds.append((time.perf_counter() - due) * 1000)

    _together(sit, lines)
    return times


def rush(
    address: tuple[str, int], names: list[str], *, connections: int, seconds: int
) -> tuple[float, float]:
    """Balances, then movements a second, as fast as they are answered."""
    share = len(names) // connections
    rates = []
    for path in ("/syncCredit", "/increaseCredit"):
        done = itertools.count()
        end = time.perf_counter() + seconds / 2

        def sit(seat: int, path: str = path, end: float = end, done: Any = done) -> None:
            line = Line(address)
            for where, body in play(names[seat * share : (seat + 1) * share]):
                if time.perf_counter() > end:
                    return
                if where == path:
                    line.ask(where, body)
                    next(done)

        _together(sit, connections)
        rates.append(next(done) / (seconds / 2))
    return rates[0], rates[1]


def _together(work: Any, number: int) -> None:
    threads = [threading.Thread(target=work, args=[seat]) for seat in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@contextmanager
def serve(application: str, directory: Path) -> Iterator[tuple[str, int]]:
    """The application behind granian, as in production: one process a core, eight threads each."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "8", "--log-level", "error", application),
    ]
    with (directory / "web.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port)
        yield "127.0.0.1", port
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            Line(("127.0.0.1", port)).ask("/netCheck", b'{"event":"netCheck"}')
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server does not answer")
