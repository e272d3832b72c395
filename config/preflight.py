"""What must hold before the demo starts; whatever does not is told in one sentence."""

import os
import shutil
import socket
import time

from config.embedded.paths import EmbeddedPaths
from config.embedded.process import CannotStart

# Each simulator, the variable of its port, and how far above the web server's that is by default.
SIMULATORS = (
    ("ebet", "EBET_SIMULATOR_PORT", 90),
    ("hrg", "HRG_SIMULATOR_PORT", 91),
    ("beiying", "BEIYING_SIMULATOR_PORT", 92),
)
_DISK_NEEDED_MB = 200
_LOG_KEPT_BYTES = 10_000_000


def choose_ports() -> dict[str, int]:
    """Every port by its variable; published to the children, and to the demo's data."""
    ports = {"PORT": _port("PORT", 8000)}
    for _, variable, distance in SIMULATORS:
        ports[variable] = _port(variable, ports["PORT"] + distance)
    os.environ.update({variable: str(port) for variable, port in ports.items()})
    return ports


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def demand_directory(paths: EmbeddedPaths) -> None:
    """There must be a place for the data, with room in it. Logs that grew big make way."""
    try:
        paths.logs.mkdir(parents=True, exist_ok=True)
        for log in paths.logs.glob("*.log"):
            if log.stat().st_size > _LOG_KEPT_BYTES:
                log.replace(log.with_suffix(".log.1"))
        free = shutil.disk_usage(paths.var).free // 1_000_000
    except OSError as error:
        raise CannotStart(f"{paths.var} cannot be used: {error.strerror}.") from error
    if free < _DISK_NEEDED_MB:
        raise CannotStart(
            f"The disk of {paths.var} has {free} MB left; {_DISK_NEEDED_MB} MB are needed."
        )


def demand_free_port(variable: str, port: int) -> None:
    """Nobody may listen there; but the server of a run just killed gets time to leave."""
    deadline = time.monotonic() + 4
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"Port {port} cannot be used ({error.strerror}): "
                        f"set {variable} to another one."
                    ) from error
            else:
                return
        time.sleep(0.1)
