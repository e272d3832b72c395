"""A scratch PostgreSQL with everything that is compared, and how to run pgbench on it."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from config.embedded import postgres
from config.embedded.paths import DATABASE, ROLES, EmbeddedPaths
from config.embedded.process import Lock, Process

ROOT = Path(__file__).parents[3]
WALLETS = 1000
RICH = 1_000_000_000

# The least durable work that moves money once: a guarded UPDATE, an INSERT with a unique key.
LIMIT_TABLES = f"""
CREATE TABLE bench_wallet (
    id bigint PRIMARY KEY, balance numeric(20, 4) NOT NULL, version bigint NOT NULL);
CREATE TABLE bench_entry (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, wallet_id bigint NOT NULL,
    sequence bigint NOT NULL, amount numeric(20, 4) NOT NULL, balance_after numeric(20, 4) NOT NULL,
    reference text NOT NULL UNIQUE, posted_at timestamptz NOT NULL DEFAULT now());
INSERT INTO bench_wallet SELECT n, {RICH}, 0 FROM generate_series(1, {WALLETS}) n;
"""
LIMIT = """
WITH moved AS (
    UPDATE bench_wallet SET balance = balance - 1, version = version + 1
     WHERE id = :place AND balance - 1 >= 0 RETURNING id, version, balance)
INSERT INTO bench_entry (wallet_id, sequence, amount, balance_after, reference)
SELECT id, version, -1, balance, gen_random_uuid()::text FROM moved;
"""
FUNCTION = """
SELECT * FROM ledger_post(:first + (:place - 1) * :step, 'bet', -1, 'bench',
                          gen_random_uuid()::text, gen_random_uuid()::text);
"""


@dataclass(frozen=True)
class Site:
    paths: EmbeddedPaths
    server: Process

    def cpu(self, clients: Iterable[int] = ()) -> float:
        """Seconds of processor time that the server and these clients have used so far."""
        pid = self.server.pid
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        running = sum(sum(_ticks(each)[:2]) for each in [*children, *clients])
        ticks = running + sum(_ticks(pid))
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)  # pgbench, by now
        return ticks / os.sysconf("SC_CLK_TCK") + ended.ru_utime + ended.ru_stime


def _ticks(pid: int) -> list[int]:
    """Of the process in user and kernel mode, and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []  # it has ended meanwhile, and counts as its parent's
    return [int(field) for field in fields[11:15]]


@contextmanager
def running() -> Iterator[Site]:
    """A durable server of its own, with fsync and synchronous_commit on; gone afterwards."""
    with TemporaryDirectory(prefix="bench-ledger-") as var:
        paths = EmbeddedPaths(Path(var))
        os.environ |= {"VAR_DIR": var, "DJANGO_SETTINGS_MODULE": "tests.bench.ledger.settings"}
        os.environ["ENV_FILE"] = os.devnull
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "CELERY_BROKER_URL"):
            os.environ.pop(name, None)
        lock = Lock(paths.lock)
        lock.acquire()
        server = postgres.start(paths)
        try:
            yield Site(paths, server)
        finally:
            server.stop()
            lock.release()
            paths.sockets.rmdir()


def fill() -> None:
    """Migrate, and open as many wallets of every make."""
    subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--run-syncdb", "-v0"],
        cwd=ROOT,
        env={**os.environ, "BENCH_AS_OWNER": "1"},
        check=True,
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests.bench.ledger.conventional.models import Purse
    from wallet import players
    from wallet.models import Channel, WalletType

    call_command("migrate", verbosity=0)  # grants the application's role its rights
    WalletType.objects.filter(type_id__gt=0).update(active=False)
    channel = Channel.objects.create(id=1, name="Bench", currency="CNY")
    for number in range(WALLETS):
        opening = {0: Decimal(RICH)}
        players.register(channel=channel, username=f"p{number}", opening_balances=opening)
    Purse.objects.bulk_create(Purse(balance=Decimal(RICH)) for _ in range(WALLETS))
    account: Any = import_module("hordak.models").Account
    money = import_module("moneyed").Money
    house, *accounts = (
        account.objects.create(name=f"a{number}", type="LI", code=str(number), currencies=["CNY"])
        for number in range(WALLETS + 1)
    )
    for wallet in accounts:
        wallet.transfer_to(house, money(RICH, "CNY"))
    with connections["owner"].cursor() as cursor:
        cursor.execute(LIMIT_TABLES)
    connections.close_all()


def connect(paths: EmbeddedPaths) -> psycopg.Connection[tuple[Any, ...]]:
    """As the superuser."""
    return psycopg.connect(
        host=str(paths.sockets), user="postgres", dbname=DATABASE, autocommit=True
    )


def pgbench(
    paths: EmbeddedPaths, script: str, role: str, *, clients: int, hot: bool, seconds: int
) -> float:
    """Transactions a second of one of the scripts above, from one pgbench."""
    with connect(paths) as connection:
        row = connection.execute(
            "SELECT min(id), (max(id) - min(id)) / (count(*) - 1) FROM wallet_wallet"
        ).fetchone()
    first, step = row or (1, 1)
    file = paths.var / "script.sql"
    place = "1" if hot else f"random(1, {WALLETS})"
    file.write_text(f"\\set place {place}\n{script}")
    done = subprocess.run(
        [
            *(postgres.program("pgbench"), "-n", "-M", "prepared", "-f", file),
            *("-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds)),
            *("-D", f"first={first}", "-D", f"step={step}"),
            *("-h", paths.sockets, "-U", ROLES[role], DATABASE),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    return float(found[1]) if found else 0.0


def start_worker() -> subprocess.Popen[str]:
    """A process of worker.py, on the running server."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.bench.ledger.worker"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
