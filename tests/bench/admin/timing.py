"""What the server takes for a page, from the request to the whole answer, in this process.

Processor time, which neighbours on the machine do not lengthen; everything is in memory. Parallel
workers of the database, which only Django's own admin uses, are not counted.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import django

SLOW_SECONDS = 2


@dataclass(frozen=True)
class Page:
    table: str
    name: str
    address: str
    reader: str


@dataclass(frozen=True)
class Measured:
    table: str
    name: str
    reader: str
    milliseconds: float  # of the processor
    elapsed: float
    queries: int
    slowest: str
    slowest_milliseconds: float


class _Watch:
    """Counts queries and remembers the slowest."""

    def __init__(self) -> None:
        self.count, self.slowest, self.seconds = 0, "", 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            seconds = time.perf_counter() - began
            self.count += 1
            if seconds > self.seconds:
                self.slowest, self.seconds = str(sql), seconds


def measure(page: Page, *, runs: int) -> dict[str, Any]:
    """The best of some runs after one that nobody counts; a slow page is asked for once."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.get(username=page.reader))
    backend = connection.connection.info.backend_pid
    watch = _Watch()
    with connection.execute_wrapper(watch):
        best = [_ask(client, page.address, backend)]
    if best[0][1] < SLOW_SECONDS:
        watch = _Watch()
        with connection.execute_wrapper(watch):
            _ask(client, page.address, backend)
        best = [_ask(client, page.address, backend) for _ in range(runs)]
    return asdict(
        Measured(
            page.table,
            page.name,
            page.reader,
            round(min(used for used, _elapsed in best) * 1000, 1),
            round(min(elapsed for _used, elapsed in best) * 1000, 1),
            watch.count,
            watch.slowest,
            round(watch.seconds * 1000, 1),
        )
    )


def _ask(client: Any, address: str, backend: int) -> tuple[float, float]:
    """Seconds of processor time, here and in the database's process, and seconds that passed."""
    began, used = time.perf_counter(), _processor(backend)
    response = client.get(address)
    seconds, used = time.perf_counter() - began, _processor(backend) - used
    assert response.status_code == 200, f"{address}: {response.status_code} {response.headers}"
    return used, seconds


def _processor(backend: int) -> float:
    waited = Path(f"/proc/{backend}/schedstat").read_text().split()
    return time.process_time() + int(waited[0]) / 1e9


def main(candidate: str) -> None:
    """Measure the pages that a module of this folder names; a line of JSON for each."""
    django.setup()
    module = import_module(f"tests.bench.admin.{candidate}")
    for page in module.pages():
        print(json.dumps(measure(page, runs=module.RUNS)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
