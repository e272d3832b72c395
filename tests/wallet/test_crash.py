"""Killing clients, backends and PostgreSQL itself under load: no movement lost, none twice.

Here for a few seconds; `make test-crash` goes on for CRASH_SECONDS.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from config.embedded import postgres
from config.embedded.paths import DATABASE, EmbeddedPaths
from config.embedded.process import Lock, Process

SECONDS = float(os.environ.get("CRASH_SECONDS", "5"))
CLIENTS = 3
ASKED_AGAIN_FOR_EVER = {"unknown_reference", "target_refused", "already_reversed"}  # unrecorded

Movement = tuple[str, int]


class Site:
    """A durable PostgreSQL of its own, and clients under load."""

    def __init__(self, var: Path) -> None:
        self.paths = EmbeddedPaths(var)
        self.lock = Lock(self.paths.lock)
        self.lock.acquire()
        self.server = postgres.start(self.paths)
        self.clients: list[Process] = []
        self.environment = {
            "VAR_DIR": str(var),
            "EMBEDDED_DATABASE": DATABASE,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        self.wallets = self.run("prepare")
        self._names = (f"client{number}" for number in count())

    def run(self, *arguments: str | Path) -> str:
        return self._run("-m", "tests.wallet.crash_client", *arguments)

    def verify(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self._run("manage.py", "verify_ledger", "--json"))
        return report

    def start_client(self) -> None:
        name = next(self._names)
        self.clients.append(
            Process(
                name=name,
                command=[
                    *(sys.executable, "-m", "tests.wallet.crash_client", "work"),
                    *(self.wallets, self.paths.var / f"{name}.log"),
                ],
                log=self.paths.logs / f"{name}.out",
                environment=self.environment,
                directory=settings.BASE_DIR,
            )
        )

    def kill_client(self, client: Process) -> None:
        self.clients.remove(client)
        with suppress(ProcessLookupError):
            os.killpg(client.pid, signal.SIGKILL)
        client.stop()

    def terminate_backends(self) -> None:
        with self.connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE usename = 'backoffice_app' AND random() < 0.7"
            )

    def kill_server(self) -> None:
        """SIGKILL to the postmaster and all that it started, then start it again."""
        pid = self.server.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.server.stop()
        self.server = postgres.start(self.paths)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.paths.sockets), user="postgres", dbname=DATABASE, autocommit=True
        )

    def logs(self) -> list[Path]:
        return sorted(self.paths.var.glob("client*.log"))

    def entries(self) -> list[str]:
        """Source and reference of every entry."""
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT source || '/' || reference FROM wallet_ledgerentry"
            ).fetchall()
        return [row[0] for row in rows]

    def close(self) -> None:
        for client in [*self.clients]:
            self.kill_client(client)
        self.server.stop()
        self.lock.release()
        self.paths.sockets.rmdir()

    def _run(self, *arguments: str | Path) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, **self.environment},
            cwd=settings.BASE_DIR,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    try:
        yield site
    finally:
        site.close()


def disturb(site: Site, chance: random.Random) -> None:
    """Kill at random for the given time; each kind at least once."""
    kinds = ["server", "client", "backends", "backends"]
    deadline = time.monotonic() + SECONDS
    for number in count():
        time.sleep(chance.uniform(0.1, 0.4))
        kind = kinds[number] if number < len(kinds) else chance.choice(kinds)
        if kind == "server":
            site.kill_server()
        elif kind == "client":
            site.kill_client(chance.choice(site.clients))
            site.start_client()
        else:
            site.terminate_backends()
        if number >= len(kinds) and time.monotonic() > deadline:
            return


def wait_until_all_work(site: Site) -> None:
    deadline = time.monotonic() + 30
    while len(site.logs()) < CLIENTS or not all(log.stat().st_size > 2000 for log in site.logs()):
        assert time.monotonic() < deadline, [client.last_words() for client in site.clients]
        time.sleep(0.05)


def read(lines: list[str]) -> tuple[set[Movement], dict[Movement, list[Any]]]:
    """The movements that were asked for, and the answers to those that got one."""
    asked, answered = set(), {}
    for line in lines:
        name, number, *answer = json.loads(line)
        asked.add((name, number))
        if answer and isinstance(answer[0], list):
            answered[name, number] = answer[0]
    return asked, answered


class TestKillingClientsBackendsAndTheServerUnderLoad:
    def test_keeps_every_acknowledged_movement_once_and_no_other_twice(self, site: Site) -> None:
        for _ in range(CLIENTS):
            site.start_client()
        wait_until_all_work(site)
        disturb(site, random.Random(11))
        for client in [*site.clients]:
            site.kill_client(client)

        asked, acknowledged = read(
            [
                line
                for log in site.logs()
                for line in log.read_text().rpartition("\n")[0].splitlines()
            ]
        )
        before = site.entries()
        assert len(set(before)) == len(before)
        assert len(acknowledged) > 50
        assert len(asked) > len(acknowledged)  # some were cut off
        assert site.verify()["passed"]

        again = self.ask_again(site)
        after = site.entries()
        assert len(set(after)) == len(after)
        assert set(before) <= set(after)
        assert again.keys() == asked
        for movement, answer in acknowledged.items():
            assert_same(answer, again[movement])

        assert self.ask_again(site).keys() == asked  # now everything has been answered once
        assert sorted(site.entries()) == sorted(after)
        assert site.verify()["passed"]

    @staticmethod
    def ask_again(site: Site) -> dict[Movement, list[Any]]:
        return read(site.run("ask", site.wallets, *site.logs()).splitlines())[1]


def assert_same(first: list[Any], again: list[Any]) -> None:
    """What was acknowledged is there: it is answered as it was."""
    if first[1] in ASKED_AGAIN_FOR_EVER:
        assert again[:2] == ["refused", first[1]]
    else:
        assert again == ["replay", *first[1:]]
