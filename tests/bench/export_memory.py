"""How much memory a worker takes for exports of very different sizes: ``make bench-export-memory``.

Each export is asked for and made as in production, in a process of its own. Exits with 1 when one
of them takes more than the bound.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from tests.bench.export import COLUMNS, MEMORY_BOUND, ZONE, entries, filled, peak_of

SMALLEST: Final = 10_000
FORMATS: Final = ("csv", "xlsx")


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000
    return filled(rows, compare)


def compare(rows: int, directory: Path) -> int:
    """A line for each size and format."""
    sizes = sorted({size for size in (SMALLEST, 100_000, 1_000_000, rows) if size <= rows})
    worst = 0.0
    print(f"\n{'rows':>10} {'format':>7} {'seconds':>9} {'size (MB)':>10} {'MB above idle':>14}")
    for size in sizes:
        for kind in FORMATS:
            found = measure(kind, size)
            worst = max(worst, found["megabytes"])
            print(
                f"{size:>10} {kind:>7} {found['seconds']:>9.1f} {found['size'] / 1e6:>10.1f}"
                f" {found['megabytes']:>14.1f}",
                flush=True,
            )
    holds = worst <= MEMORY_BOUND
    print("ok    " if holds else "BROKEN", f"the peak is {worst:.1f} MB (at most {MEMORY_BOUND})")
    return 0 if holds else 1


def measure(kind: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.export_memory", "worker", kind, str(rows)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, float] = json.loads(output)
    return result


def worker(kind: str, rows: int) -> None:
    """What a child does: one tiny export, and then the one that is measured."""
    import django

    django.setup()
    export(kind, 1)  # imports and connections are there from now on
    made: list[Any] = []
    found = peak_of(lambda: made.append(export(kind, rows)))
    assert made[0].rows_done == rows, made[0].reason
    print(json.dumps({**found, "size": made[0].size}))
    made[0].file.delete()


def export(kind: str, rows: int) -> Any:
    """The newest entries, as finance would have them."""
    from django.contrib.auth.models import User

    from wallet.exports import jobs
    from wallet.exports.sources import Request

    user, _made = User.objects.get_or_create(username="finance", is_superuser=True)
    first = entries(rows).first()
    request = Request(
        since=first.posted_at.isoformat(),
        until="2100-01-01",
        zone=ZONE,
        columns=COLUMNS,
        format=kind,
    )
    export = jobs.request_export(user=user, request=request)
    jobs.run_due()
    export.refresh_from_db()
    return export


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        worker(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
