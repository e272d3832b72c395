"""What the lists cost at size: ``make bench-admin ROWS=10000000``.

Loads a ledger of so many entries with players, callbacks, jobs, sessions and an audit trail in
proportion; asks for every list's first, middle and last page, filtered and searched, and for the
home page, as staff who see everything, one channel or a small part of one; then asks Django's own
admin for the same tables in the same run. Exits with 1 when an aim is missed. BENCH_DATA names a
directory whose data is kept for the next run.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.bench.database import own_servers

AIM_MS: Final = 100
AIM_RATIO: Final = 0.15  # of the first page of Django's own admin on the ledger
ROOT: Final = Path(__file__).parents[3]
LEDGER: Final = ("ledgerentry", "first page")


def main() -> int:
    """Fill a database, measure both, print the table; 1 when an aim is missed."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with own_servers("admin", kept=os.environ.get("BENCH_DATA"), durable=False) as directory:
        from django.core.management import call_command

        filled = directory / "filled"
        if not filled.exists():
            from tests.bench.admin.data import fill

            fill(rows)
            filled.write_text(str(rows))
        call_command("migrate", verbosity=0)
        return compare(int(filled.read_text()))


def compare(rows: int) -> int:
    """Print a line for each page, write all of it to var/bench-admin.json."""
    stock = {}
    print(f"\n{rows:,} ledger entries; Django's own admin")
    for row in run("stock", "stock_settings"):
        stock[row["table"], row["name"]] = row
        print(
            f"{row['table']:18}{row['name']:52}{row['milliseconds']:9,.1f}{row['elapsed']:9,.0f}",
            flush=True,
        )
    print(f"\n{'':70}{'processor':>9}{'elapsed':>9}{'':9}{'of its':>10}{'of the':>9}")
    print(f"{'ours':52}{'as':18}{'ms':>9}{'ms':>9}{'queries':>9}{'own stock':>10}{'ledger':>9}")
    results, missed = [], 0
    for row in run("ours", None):
        own = stock.get((row["table"], "first page"))
        of_own = row["milliseconds"] / own["milliseconds"] if own else None
        ratio = row["milliseconds"] / stock[LEDGER]["milliseconds"]
        bad = row["milliseconds"] > AIM_MS or ratio > AIM_RATIO
        missed += bad
        results.append({**row, "of_own_stock": of_own, "of_stock_ledger": ratio, "missed": bad})
        print(
            f"{row['table']:18}{row['name']:34}{row['reader']:18}{row['milliseconds']:9,.1f}"
            f"{row['elapsed']:9,.0f}{row['queries']:9}"
            f"{f'{of_own:10.3f}' if of_own else '':10}{ratio:9.3f}"
            f"{'   MISSED' if bad else ''}",
            flush=True,
        )
    report = ROOT / "var" / "bench-admin.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(
        json.dumps({"rows": rows, "ours": results, "stock": list(stock.values())}, indent=1)
    )
    print(f"\naims: at most {AIM_MS} ms and {AIM_RATIO} of Django's first page of the ledger")
    print(f"{missed} of {len(results)} pages missed them")
    return int(missed > 0)


def run(module: str, settings: str | None) -> Iterator[dict[str, Any]]:
    """What a process of its own measures, page by page."""
    environment = dict(os.environ)
    if settings:
        environment["DJANGO_SETTINGS_MODULE"] = f"tests.bench.admin.{settings}"
    command = [sys.executable, "-m", "tests.bench.admin.timing", module]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise SystemExit(f"{module} failed")


if __name__ == "__main__":
    sys.exit(main())
