"""What the server takes for a page: from the request to the whole answer, in this process."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
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
    milliseconds: float
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
    watch = _Watch()
    with connection.execute_wrapper(watch):
        best = _ask(client, page.address)
    if best < SLOW_SECONDS:
        watch = _Watch()
        with connection.execute_wrapper(watch):
            _ask(client, page.address)
        best = min(_ask(client, page.address) for _ in range(runs))
    return asdict(
        Measured(
            page.table,
            page.name,
            page.reader,
            round(best * 1000, 1),
            watch.count,
            watch.slowest,
            round(watch.seconds * 1000, 1),
        )
    )


def _ask(client: Any, address: str) -> float:
    began = time.perf_counter()
    response = client.get(address)
    seconds = time.perf_counter() - began
    assert response.status_code == 200, f"{address}: {response.status_code} {response.headers}"
    return seconds


def main(candidate: str) -> None:
    """Measure the pages that a module of this folder names; a line of JSON for each."""
    django.setup()
    module = import_module(f"tests.bench.admin.{candidate}")
    for page in module.pages():
        print(json.dumps(measure(page, runs=module.RUNS)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
