"""Everything the demo consists of, under one roof: what ``make run`` starts.

Ctrl-C ends all of it. So does the end of any part: half a demo would only puzzle.
"""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from config import preflight, processes
from config.embedded import postgres, valkey
from config.embedded.paths import DATABASE, ROLES, EmbeddedPaths
from config.embedded.process import CannotStart, Lock, Process, tethered
from config.environment import BASE_DIR, EMBEDDED, VAR_DIR

DEMO_CHANNELS = (1, 20, 305)  # they share a key pair


def main() -> int:
    """Run until Ctrl-C (exit code 0) or until a part of it ends (1)."""
    # A shell that starts this in the background has told it to ignore Ctrl-C.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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
    ports = preflight.choose_ports()
    preflight.demand_directory(paths)
    lock = Lock(paths.lock)
    if not lock.acquire():
        raise CannotStart(
            f"Process {lock.holder()} already uses {paths.var}: "
            "stop it first, or set VAR_DIR to another directory."
        )
    stack.callback(lock.release)
    for variable, port in ports.items():
        preflight.demand_free_port(variable, port)

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
    print(_greeting(ports["PORT"], paths), flush=True)
    _wait_for_the_first_to_end(servers)


def _load_data(paths: EmbeddedPaths, ports: dict[str, int]) -> None:
    """Migrate and load the demo's world, unless this very code has done so already."""
    stamp = paths.postgres_data / "loaded-by"
    code = _fingerprint(ports)
    if stamp.exists() and stamp.read_text() == code:
        return
    print("Loading the data of the demo", flush=True)
    for command in ("migrate", "demo"):
        done = subprocess.run(
            tethered(
                [sys.executable, "manage.py", command, "--verbosity", "0"],
                stop_signal=signal.SIGTERM,
            ),
            cwd=BASE_DIR,
            start_new_session=True,  # Ctrl-C is for this process alone, which then ends that one
            check=False,
        )
        if done.returncode != 0:
            raise CannotStart(f"`manage.py {command}` failed; its reason is above.")
    stamp.write_text(code)


def _fingerprint(ports: dict[str, int]) -> str:
    """Changes with the code, and with the ports, which the demo's channels mention."""
    digest = hashlib.sha256(repr(sorted(ports.items())).encode())
    for app in ("wallet", "providers", "callbacks"):
        for path in sorted((BASE_DIR / app).rglob("*")):
            if path.suffix in {".py", ".sql", ".json"}:
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _simulators(paths: EmbeddedPaths, ports: dict[str, int]) -> Process:
    key = paths.var / "demo" / "ebet.pub.pem"
    process = processes.simulators(
        ports={name: ports[variable] for name, variable, _ in preflight.SIMULATORS},
        channel_keys=[f"{number}:{key}" for number in DEMO_CHANNELS],
        books=paths.var / "simulators",
        log=paths.logs / "simulators.log",
    )
    for _, variable, _ in preflight.SIMULATORS:
        processes.wait_for_port(ports[variable], process)
    return process


def _greeting(port: int, paths: EmbeddedPaths) -> str:
    address = f"http://127.0.0.1:{port}"
    staff = json.loads((paths.var / "demo" / "staff.json").read_text())
    psql = _typed(postgres.program("psql"))
    environment = f"PORT={port} " if port != 8000 else ""
    if paths.var != BASE_DIR / "var":
        environment += f"VAR_DIR={shlex.quote(str(paths.var))} "
    return f"""
The back-office is running; Ctrl-C stops it.

  Admin        {address}/admin/
  Sign in      admin / {staff["admin"]}
  Callbacks    {address}/
  eBET's keys  {paths.var / "demo" / "ebet.pem"}, ebet.pub.pem
  Logs         {paths.logs}
  Database     {psql} -h {paths.sockets} -U {ROLES["default"]} {DATABASE}
  Try          {environment}{_typed(Path(sys.executable))} manage.py play_ebet
"""


def _typed(program: Path) -> str:
    """How to type a program's name in the directory of the project."""
    short = program.relative_to(BASE_DIR) if program.is_relative_to(BASE_DIR) else program
    return shlex.quote(str(short))


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
