"""Calls that run at the same time, each in a thread with a database connection of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import connection, connections

from tests.wallet.money import connect

T = TypeVar("T")


class Lane:
    """A thread that keeps its connection from call to call."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._pool.submit(connection.ensure_connection).result()

    def start(self, call: Callable[[], T]) -> Future[T]:
        return self._pool.submit(call)

    def close(self) -> None:
        self._pool.submit(connections.close_all).result()
        self._pool.shutdown()


@contextmanager
def lanes(number: int) -> Iterator[list[Lane]]:
    opened = [Lane() for _ in range(number)]
    try:
        yield opened
    finally:
        for lane in opened:
            lane.close()


def together(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Start all calls at once and let them race; their answers in the calls' order."""
    with lanes(len(calls)) as opened:
        futures = [lane.start(call) for lane, call in zip(opened, calls, strict=True)]
        return [future.result() for future in futures]


def queued(*wallets: int, calls: Sequence[Callable[[], T]]) -> list[T]:
    """Let the calls queue behind locked wallets one after the other, then let go of the wallets.

    So all of them are under way before any has done a thing, and of two the first is served first.
    """
    with lanes(len(calls)) as opened, connect("postgres") as holder:
        with holder.transaction():
            holder.execute(
                "SELECT FROM wallet_wallet WHERE id = ANY (%s) ORDER BY id FOR UPDATE",
                [list(wallets)],
            )
            futures = []
            for number, (lane, call) in enumerate(zip(opened, calls, strict=True), start=1):
                futures.append(lane.start(call))
                wait_for_waiters(number)
        return [future.result() for future in futures]


def wait_for_waiters(number: int) -> None:
    """Until so many backends of this database wait for a lock. One that never waits is let be."""
    deadline = time.monotonic() + 1.0
    with connect("postgres") as watcher:
        while time.monotonic() < deadline:
            row: tuple[Any, ...] | None = watcher.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0] >= number:
                return
            time.sleep(0.002)
