"""Everything the demo consists of, under one roof: what ``make run`` starts.

Ctrl-C ends all of it. So does the end of any part: half a demo would only puzzle.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from config import processes
from config.embedded import postgres, valkey
from config.embedded.paths import DATABASE, ROLES, EmbeddedPaths
from config.embedded.process import CannotStart, Lock, Process
from config.environment import BASE_DIR, EMBEDDED, VAR_DIR

# Above the web server's own port unless set: service, variable, distance.
_SIMULATORS = (
    ("ebet", "EBET_SIMULATOR_PORT", 90),
    ("hrg", "HRG_SIMULATOR_PORT", 91),
    ("beiying", "BEIYING_SIMULATOR_PORT", 92),
)
_DISK_NEEDED_MB = 200
_LOG_KEPT_BYTES = 10_000_000


def main() -> int:
    """Run until Ctrl-C (exit code 0) or until a part of it ends (1)."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with ExitStack() as stack:
            _run(stack)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
    return 0


def _run(stack: ExitStack) -> None:
    if not EMBEDDED:
        raise CannotStart(
            "DATABASE_URL is set, so this is production, where each process is started on its own "
            "(see README.md); `make run` starts the demo."
        )
    paths = EmbeddedPaths(VAR_DIR)
    ports = _ports()
    _prepare_directory(paths)
    lock = Lock(paths.lock)
    if not lock.acquire():
        raise CannotStart(
            f"Process {lock.holder()} already uses {paths.var}: "
            "stop it first, or set VAR_DIR to another directory."
        )
    stack.callback(lock.release)
    for variable, port in ports.items():
        _demand_free(variable, port)

    servers: list[Process] = []
    stack.callback(_stop_all, servers)
    servers.append(postgres.start(paths))
    servers.append(valkey.start(paths))
    _load_data(paths, ports)
    servers.append(_simulators(paths, ports))
    web = processes.web_server(
        port=ports["PORT"], workers=len(os.sched_getaffinity(0)), log=paths.logs / "web.log"
    )
    servers.append(web)
    processes.wait_for_port(ports["PORT"], web)
    # Last, so that it does not compete with what people wait for.
    servers.append(processes.celery_worker(log=paths.logs / "celery.log", beat=True))
    _say_hello(ports["PORT"], paths)
    _wait_for_the_first_to_end(servers)


def _ports() -> dict[str, int]:
    """Every port by its variable; published to the children, and to the demo's data."""
    ports = {"PORT": _port("PORT", 8000)}
    for _, variable, distance in _SIMULATORS:
        ports[variable] = _port(variable, ports["PORT"] + distance)
    os.environ.update({variable: str(port) for variable, port in ports.items()})
    return ports


def _port(variable: str, default: int) -> int:
    text = os.environ.get(variable) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def _prepare_directory(paths: EmbeddedPaths) -> None:
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


def _demand_free(variable: str, port: int) -> None:
    """A web server of a run that was killed a moment ago may still be leaving."""
    deadline = time.monotonic() + 3
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


def _load_data(paths: EmbeddedPaths, ports: dict[str, int]) -> None:
    """Migrate and load the demo's world, unless this very code has done so already.

    The demo is not loaded at every start: it would undo what somebody has changed meanwhile.
    """
    stamp = paths.postgres_data / "loaded-by"
    code = _fingerprint(ports)
    if stamp.exists() and stamp.read_text() == code:
        return
    for command in ("migrate",):
        done = subprocess.run(
            [sys.executable, "manage.py", command, "--verbosity", "0"], cwd=BASE_DIR, check=False
        )
        if done.returncode != 0:
            raise CannotStart(f"`manage.py {command}` failed; its reason is above.")
    stamp.write_text(code)


def _fingerprint(ports: dict[str, int]) -> str:
    """Changes with the code and with the ports, which the demo's channels mention."""
    digest = hashlib.sha256(repr(sorted(ports.items())).encode())
    for app in ("wallet", "providers", "callbacks"):
        for path in sorted((BASE_DIR / app).rglob("*")):
            if path.suffix in {".py", ".sql", ".json"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _simulators(paths: EmbeddedPaths, ports: dict[str, int]) -> Process:
    key = paths.var / "demo" / "ebet.pub.pem"
    process = processes.simulators(
        ports={name: ports[variable] for name, variable, _ in _SIMULATORS},
        channel_key=f"1:{key}" if key.exists() else "",
        books=paths.var / "simulators",
        log=paths.logs / "simulators.log",
    )
    for _, variable, _ in _SIMULATORS:
        processes.wait_for_port(ports[variable], process)
    return process


def _say_hello(port: int, paths: EmbeddedPaths) -> None:
    address = f"http://127.0.0.1:{port}"
    psql = f"'{postgres.program('psql')}' -h {paths.sockets} -U {ROLES['default']} {DATABASE}"
    python = Path(sys.executable)
    with_project = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    print(
        f"""
The back-office is running; Ctrl-C stops it.

  Admin        {address}/admin/
  Sign in      demo / demo
  Callbacks    {address}/
  eBET's keys  {paths.var / "demo"}
  Logs         {paths.logs}
  Database     {psql}
  Try          {with_project} manage.py play_ebet
""",
        flush=True,
    )


def _wait_for_the_first_to_end(servers: list[Process]) -> None:
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    ended = next(server for server in servers if server.exit_code is not None)
    raise CannotStart(
        f"The {ended.name} ended ({ended.last_words()}), so everything stops. See {ended.log}."
    )


def _stop_all(servers: list[Process]) -> None:
    """The databases last, when nobody needs them any more."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    for server in servers[2:]:
        server.ask_to_stop()
    for server in reversed(servers):
        server.stop()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
