"""Start and stop processes so that none of them is ever left over."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from config.embedded import tether


class CannotStart(Exception):
    """A process could not be started; the message says why in one sentence."""


class Process:
    """A child in a process group of its own, tied to this process, writing to a log file."""

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str | Path],
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        patience: float = 10.0,
        not_as_root: bool = False,
        directory: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self._patience = patience
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_begins = output.tell()
            self._popen = subprocess.Popen(
                tethered(command, stop_signal=stop_signal, not_as_root=not_as_root),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                cwd=directory,
                start_new_session=True,  # Ctrl-C reaches the owner alone, which stops in order
            )

    @property
    def pid(self) -> int:
        """Its process id, also its group's."""
        return self._popen.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.poll()

    def ask_to_stop(self) -> None:
        """Begin an orderly stop."""
        if self.exit_code is None:
            self._popen.send_signal(self._stop_signal)

    def stop(self) -> None:
        """End it, orderly if its patience in seconds allows that, and what it started too."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(self._patience)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def last_words(self) -> str:
        """The last line that it wrote."""
        lines = [line.strip() for line in self.output().splitlines()]
        return next((line for line in reversed(lines) if line), "it wrote nothing")

    def output(self) -> str:
        """What it wrote since its start."""
        with self.log.open("rb") as file:
            file.seek(self._log_begins)
            return file.read().decode(errors="replace")


def tethered(
    command: Sequence[str | Path], *, stop_signal: signal.Signals, not_as_root: bool = False
) -> list[str | Path]:
    """The command line that runs ``command`` tied to this process."""
    return [
        *(sys.executable, "-I", "-S", tether.__file__),
        *(["--not-root"] if not_as_root and os.geteuid() == 0 else []),
        *(str(os.getpid()), str(int(stop_signal))),
        *command,
    ]


def is_running(pid: int) -> bool:
    """Whether the process exists and is more than a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def end_predecessor(*, pid_file: Path, works_in: Path) -> None:
    """End a server that lost its owner, and remove the pid file that a killed one left.

    The servers themselves would take whatever process has inherited the number for their own.
    """
    try:
        pid = int(pid_file.read_text().split("\n")[0])
    except (FileNotFoundError, ValueError):
        return
    if is_running(pid) and _works_in(works_in, pid) and not _is_gone_within(2, pid):
        os.kill(pid, signal.SIGINT)
        if not _is_gone_within(20, pid):
            raise CannotStart(f"Process {pid} already runs on {works_in}.")
    pid_file.unlink(missing_ok=True)


def _works_in(directory: Path, pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == directory.resolve()
    except OSError:  # another user's
        return False


def _is_gone_within(seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Lock:
    """A lock that the kernel takes back when its holder is gone, however it went."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self, *, wait: bool = False) -> bool:
        """Take it; False when another process holds it and we do not wait for that to end."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return True

    def holder(self) -> str:
        """The process id of who holds it."""
        return self._path.read_text()

    def release(self) -> None:
        """Give it back."""
        if self._file:
            self._file.close()
