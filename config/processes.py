"""The commands of the web server and the background worker, for the demo and the tests alike."""

import signal
import socket
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from config.embedded.process import CannotStart, Process
from config.environment import BASE_DIR


def web_server(*, port: int, workers: int, log: Path) -> Process:
    """Granian on loopback; one process a core, eight threads each."""
    return _python(
        "web server",
        ["-m", "granian", "--interface", "wsgi", "--port", str(port)],
        ["--workers", str(workers), "--blocking-threads", "8", "--log-level", "warning"],
        # A worker that is told to stop while it still loads would never hear of it.
        ["--workers-kill-timeout", "3", "--respawn-failed-workers"],
        ["config.wsgi:application"],
        log=log,
    )


def celery_worker(*, log: Path, beat: bool) -> Process:
    """Two task processes, with the clock of periodic tasks inside where ``beat`` says so."""
    return _python(
        "Celery worker",
        ["-m", "celery", "--app", "config", "worker", "--concurrency", "2", "--loglevel", "INFO"],
        ["--without-gossip", "--without-mingle", *(["--beat"] if beat else [])],
        log=log,
        # At once: unfinished tasks come back from the broker or are found by the sweep. Celery's
        # own ways of stopping talk to the broker, and wait for it when that stops as well.
        stop_signal=signal.SIGKILL,
    )


def simulators(
    *, ports: dict[str, int], channel_keys: Iterable[str], books: Path, log: Path
) -> Process:
    """The stand-ins of the outside services, by name."""
    return _python(
        "simulators",
        ["-m", "providers.simulators", "--books", str(books)],
        [f"--channel-key={key}" for key in channel_keys],
        [f"{name}={port}" for name, port in ports.items()],
        log=log,
    )


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for_port(port: int, server: Process, *, seconds: float = 60) -> None:
    """Return once the server accepts connections. Raises CannotStart."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            _still_hope(server, deadline)
        else:
            return


def wait_for_line(text: str, server: Process, *, seconds: float = 60) -> None:
    """Return once the server's log contains the text. Raises CannotStart."""
    deadline = time.monotonic() + seconds
    while text not in server.output():
        _still_hope(server, deadline)


def _still_hope(server: Process, deadline: float) -> None:
    if server.exit_code is not None:
        raise CannotStart(f"The {server.name} stopped: {server.last_words()}")
    if time.monotonic() > deadline:
        raise CannotStart(f"The {server.name} does not answer; see {server.log}.")
    time.sleep(0.02)


def _python(
    name: str,
    *arguments: Sequence[str],
    log: Path,
    stop_signal: signal.Signals = signal.SIGTERM,
) -> Process:
    return Process(
        name=name,
        command=[sys.executable, *(part for group in arguments for part in group)],
        directory=BASE_DIR,
        log=log,
        stop_signal=stop_signal,
        environment={"PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
