"""What an export costs, beside psql and the usual libraries: ``make bench-export ROWS=1000000``.

Everything is measured in one run on one machine, each candidate in a process of its own, the best
of two runs. Exits with 1 when a bound is broken.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from tests.bench.database import own_servers

CSV_BOUND: Final = 1.5  # times psql's \copy
XLSX_BOUND: Final = 0.2  # times xlsxwriter in its constant-memory mode
MEMORY_BOUND: Final = 30  # MB above idle, whatever the number of rows
RUNS: Final = 2
SLOW: Final = ("django-import-export",)
ZONE: Final = "Asia/Shanghai"
COLUMNS: Final = [
    *("posted_at", "occurred_at", "entry", "channel", "sub_channel", "agent", "player"),
    *("wallet_type", "kind", "amount", "currency", "balance_after", "source", "reference"),
    "round_code",
]
# The history of one player in many, without the triggers that make each entry safe and slow.
FILL: Final = """
INSERT INTO wallet_ledgerentry (
    channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested, amount,
    currency, balance_after, sequence, source, reference, round_code, reason, occurred_at,
    posted_at)
SELECT w.channel_id, w.player_id, w.id, 1, (ARRAY['bet', 'payout'])[1 + mod(g, 2)], 'applied', '',
       a.amount, a.amount, w.currency, 1000 + mod(g, 100000) / 100.0, 2 + g / w.count,
       'ebet:' || 1 + mod(g, 2), md5(g::text), 'BP' || mod(g, 8) || '-2511' || g / 10, '',
       now() - (%(rows)s - g) * interval '2 s', now() - (%(rows)s - g) * interval '2 s'
  FROM generate_series(1, %(rows)s::bigint) g
  JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS number, count(*) OVER () AS count
          FROM wallet_wallet WHERE type_id = 0) w ON w.number = mod(g, w.count)
 CROSS JOIN LATERAL (SELECT mod(g * 7919, 100000) / 100.0 - 500 AS amount) a
 ORDER BY g
"""


def main() -> int:
    """Measure each candidate, print the table; 1 when a bound is broken."""
    return filled(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, compare)


def filled(rows: int, measure: Callable[[int, Path], int]) -> int:
    """Call it with a database of that many entries, in a directory that goes afterwards."""
    with own_servers("export", durable=False) as directory:
        fill(rows)
        return measure(rows, directory)


def fill(rows: int) -> None:
    """A channel of a thousand players with this many entries."""
    import psycopg
    from django.conf import settings
    from django.core.management import call_command

    from config.embedded.paths import DATABASE, SUPERUSER
    from wallet import players
    from wallet.models import Agent, Channel, SubChannel

    call_command("migrate", verbosity=0)
    channel = Channel.objects.create(pk=1, name="Bench", currency="CNY")
    sub_channel = SubChannel.objects.create(channel=channel, number=1, name="Bench 1")
    agent = Agent.objects.create(channel=channel, agent_id="agent01", sub_channel=sub_channel)
    for number in range(1_000):
        players.register(channel=channel, username=f"player{number:04}", agent=agent)
    host = str(settings.PATHS.sockets)
    with psycopg.connect(host=host, user=SUPERUSER, dbname=DATABASE, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers
        connection.execute(FILL, {"rows": rows})
        connection.execute("VACUUM ANALYZE wallet_ledgerentry")


def compare(rows: int, directory: Path) -> int:
    """Print a line for each candidate and a verdict for each bound."""
    seconds: dict[str, float] = {}
    memory: dict[str, float] = {}
    for name in CANDIDATES:
        count, runs = (rows, RUNS) if name not in SLOW else (rows // 10, 1)
        results = [measure(name, directory, count) for _ in range(runs)]
        seconds[name] = min(result["seconds"] for result in results)
        memory[name] = max(result["megabytes"] for result in results)
    small = {name: measure(name, directory, 10_000)["megabytes"] for name in ("csv", "xlsx")}
    print(f"\n{rows} rows of {len(COLUMNS)} columns; {', '.join(SLOW)}: a tenth of them")
    for name in CANDIDATES:
        print(f"{name:22} {seconds[name]:8.2f} s  {memory[name]:8.1f} MB above idle")
    for name, megabytes in small.items():
        print(f"{name + ', 10000 rows':22} {'':10}  {megabytes:8.1f} MB above idle")
    verdicts = {
        f"CSV is {seconds['csv'] / seconds['psql']:.2f} of psql (at most {CSV_BOUND})": (
            seconds["csv"] <= CSV_BOUND * seconds["psql"]
        ),
        f"XLSX is {seconds['xlsx'] / seconds['xlsxwriter']:.2f} of xlsxwriter"
        f" (at most {XLSX_BOUND})": seconds["xlsx"] <= XLSX_BOUND * seconds["xlsxwriter"],
        f"memory stays within {MEMORY_BOUND} MB": (
            max(memory["csv"], memory["xlsx"], *small.values()) <= MEMORY_BOUND
        ),
    }
    for verdict, holds in verdicts.items():
        print("ok    " if holds else "BROKEN", verdict)
    return 0 if all(verdicts.values()) else 1


def measure(name: str, directory: Path, rows: int) -> dict[str, float]:
    """Run one candidate in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.export", "candidate", name]
    output = subprocess.run(
        [*command, str(directory / "out"), str(rows)], check=True, capture_output=True, text=True
    ).stdout
    result: dict[str, float] = json.loads(output)
    return result


def candidate(name: str, path: Path, rows: int) -> None:
    """What a child does; prints its time and how far its memory rose."""
    import django

    django.setup()
    CANDIDATES[name](path, 1)  # imports and connections are there from now on
    print(json.dumps(peak_of(lambda: CANDIDATES[name](path, rows))))


def peak_of(work: Callable[[], object]) -> dict[str, float]:
    """How long it takes, and how far this process's memory rises above what it is now."""
    before = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    begin = time.monotonic()
    work()
    seconds = time.monotonic() - begin
    return {"seconds": seconds, "megabytes": (_status("VmHWM") - before) / 1024}


def _status(name: str) -> int:
    """A line of this process's status, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def entries(rows: int) -> Any:
    """The newest of them, oldest first."""
    from wallet.models import LedgerEntry

    last = LedgerEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    return LedgerEntry.objects.filter(pk__gt=last - rows).order_by("posted_at", "id")


def paths() -> list[str]:
    """Where each column comes from."""
    from wallet.exports.columns import LEDGER

    by_name = {column.name: column.path for column in LEDGER}
    return [by_name[name] for name in COLUMNS]


def psql(path: Path, rows: int) -> None:
    """The same rows and columns as psql copies them."""
    from django.conf import settings

    from config.embedded import postgres
    from config.embedded.paths import DATABASE, ROLES

    sql = str(entries(rows).values_list(*paths()).query)
    subprocess.run(
        [
            *(postgres.program("psql"), "-qX", "-h", str(settings.PATHS.sockets)),
            *("-U", ROLES["default"], DATABASE),
            *("-c", f"\\copy ({sql}) TO '{path}' (FORMAT csv, HEADER)"),
        ],
        check=True,
    )


def ours(format: str) -> Any:  # noqa: A002
    """The product's own writer."""

    def export(path: Path, rows: int) -> None:
        from wallet.exports.formats import write
        from wallet.exports.sources import Request, read_request
        from wallet.exports.whole_files import whole_file

        request = Request("2000-01-01", "2100-01-01", ZONE, columns=COLUMNS, format=format)
        selection = read_request(request)
        newest = entries(rows)
        selection = replace(selection, everything=newest, rows=newest)
        with whole_file(path) as file:
            for _ in write(file, selection, format=format):
                pass

    return export


def xlsxwriter(path: Path, rows: int) -> None:
    """The fastest of the usual libraries, in its mode for large files."""
    from xlsxwriter import Workbook

    options = {"constant_memory": True, "remove_timezone": True}
    with Workbook(path, options) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        sheet.write_row(0, 0, COLUMNS)
        found = entries(rows).values_list(*paths()).iterator(chunk_size=2_000)
        for number, (posted, occurred, *others) in enumerate(found, 1):
            sheet.write_datetime(number, 0, posted, moment)
            sheet.write_datetime(number, 1, occurred, moment)
            sheet.write_row(number, 2, others)


def import_export(path: Path, rows: int) -> None:
    """The usual package for exports from the admin."""
    from import_export.resources import ModelResource

    from wallet.models import LedgerEntry

    class Entries(ModelResource):
        class Meta:
            model = LedgerEntry
            fields = tuple(paths())

    related = entries(rows).select_related("player__sub_channel", "player__agent", "wallet")
    path.write_text(Entries().export(related).csv)


CANDIDATES: Final[dict[str, Any]] = {
    "psql": psql,
    "csv": ours("csv"),
    "xlsx": ours("xlsx"),
    "xlsxwriter": xlsxwriter,
    "django-import-export": import_export,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["candidate"]:
        candidate(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
    else:
        sys.exit(main())
