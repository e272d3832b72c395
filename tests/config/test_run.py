"""`make run`: one project in a path with spaces, started and ended in every way."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from config.embedded.process import is_running
from config.environment import BASE_DIR
from config.processes import free_port

PARTS = ("config", "wallet", "providers", "callbacks", "templates")
FILES = ("manage.py", "Makefile", "requirements.txt", "constraints.txt")

COUNT_CHANNELS = "from wallet.models import Channel; print(Channel.objects.count())"

pytestmark = pytest.mark.xdist_group("run")


class Project:
    """A copy of the project with data of its own, and what it takes to run it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        for part in PARTS:
            shutil.copytree(BASE_DIR / part, directory / part)
        for file in FILES:
            shutil.copy2(BASE_DIR / file, directory / file)
        (directory / ".venv").symlink_to(BASE_DIR / ".venv")
        self.var = directory / "var"
        names = ("PORT", "EBET_SIMULATOR_PORT", "HRG_SIMULATOR_PORT", "BEIYING_SIMULATOR_PORT")
        self.ports = {name: str(free_port()) for name in names}
        self.url = f"http://127.0.0.1:{self.ports['PORT']}"
        self.make: subprocess.Popen[bytes]

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("EMBEDDED", "MAKE"))}
        return {**kept, **self.ports, "VAR_DIR": str(self.var), **changes}

    def start(self) -> "Project":
        """Type `make run` in a terminal."""
        with self._screen.open("wb") as screen:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=self.directory,
                env=self.environment(),
                stdout=screen,
                stderr=screen,
                start_new_session=True,
            )
        return self

    def until_ready(self) -> "Project":
        wait_for(lambda: "Ctrl-C" in self.screen() or not self.is_running, seconds=90)
        assert "Ctrl-C stops it" in self.screen(), self.screen()
        return self

    def until_ended(self) -> str:
        self.make.wait(timeout=30)
        return self.screen()

    def press_ctrl_c(self) -> str:
        os.killpg(self.make.pid, signal.SIGINT)
        return self.until_ended()

    def make_run(self, **changes: str) -> str:
        """Type `make run` in another terminal, and see what it says at its end."""
        done = subprocess.run(
            ["make", "run"],
            cwd=self.directory,
            env=self.environment(**changes),
            capture_output=True,
            check=False,
        )
        assert done.returncode != 0
        return done.stderr.decode()

    def manage(self, *arguments: str) -> str:
        """Type a management command in another terminal."""
        return subprocess.run(
            [".venv/bin/python", "manage.py", *arguments],
            cwd=self.directory,
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout

    @property
    def is_running(self) -> bool:
        return hasattr(self, "make") and self.make.poll() is None

    def screen(self) -> str:
        return self._screen.read_text()

    @property
    def _screen(self) -> Path:
        return self.directory / "screen"

    @property
    def supervisor(self) -> int:
        return int((self.var / "owner.lock").read_text())

    def processes(self) -> dict[int, str]:
        """The command lines of all processes that work in this directory."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                works_here = (process / "cwd").readlink().is_relative_to(self.directory)
                if works_here and is_running(int(process.name)):
                    found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        return found

    def kill(self, program: str) -> None:
        """Kill the oldest process whose command line contains the text."""
        os.kill(min(p for p, line in self.processes().items() if program in line), signal.SIGKILL)

    def query(self, statement: str) -> list[tuple[object, ...]]:
        socket_directory = str((self.var / "sockets").readlink())
        with psycopg.connect(host=socket_directory, user="postgres", dbname="postgres") as server:
            cursor = server.execute(statement)
            return cursor.fetchall() if cursor.description else []


def wait_for(condition: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("path with spaces") / "the project")
    yield project
    if project.is_running:
        project.press_ctrl_c()
    if (project.var / "sockets").is_symlink():
        shutil.rmtree((project.var / "sockets").readlink())


@pytest.fixture
def running(project: Project) -> Project:
    return project if project.is_running else project.start().until_ready()


@pytest.fixture
def stopped(project: Project) -> Project:
    if project.is_running:
        project.press_ctrl_c()
    return project


class TestRunningTheDemo:
    def test_serves_the_admin_and_tells_where_everything_is(self, running: Project) -> None:
        page = httpx.get(f"{running.url}/admin/login/")

        assert page.status_code == 200
        assert f"{running.url}/admin/" in running.screen()
        assert str(running.var / "demo") in running.screen()
        assert "manage.py play_ebet" in running.screen()

    def test_lets_management_commands_work_on_its_database(self, running: Project) -> None:
        said = running.manage("shell", "-v0", "-c", COUNT_CHANNELS)

        assert said == "3\n"
        assert running.is_running

    def test_says_so_when_it_is_asked_to_run_twice(self, running: Project) -> None:
        said = running.make_run()

        expected = f"Process {running.supervisor} already uses {running.var}: stop it first"
        assert said.startswith(expected)
        assert "Traceback" not in said
        assert running.is_running


class TestEndingTheDemo:
    def test_ctrl_c_ends_every_process(self, running: Project) -> None:
        processes = running.processes().values()
        screen = running.press_ctrl_c()

        for part in ("postgres", "valkey", "granian", "celery", "simulators"):
            assert any(part in process for process in processes), part
        assert "Stopped." in screen
        assert not running.processes()

    def test_everything_is_found_again_as_it_was_left(self, running: Project) -> None:
        running.query("CREATE TABLE left_behind AS SELECT 7 AS number")
        running.press_ctrl_c()
        running.start().until_ready()

        assert running.query("SELECT number FROM left_behind") == [(7,)]

    def test_nothing_outlives_a_killed_run_and_the_next_one_starts(self, running: Project) -> None:
        os.kill(running.supervisor, signal.SIGKILL)
        running.until_ended()
        before = set(running.processes())
        running.start().until_ready()

        wait_for(lambda: not before & set(running.processes()), seconds=15)
        assert running.query("SELECT 1") == [(1,)]

    def test_nothing_outlives_a_killed_make(self, running: Project) -> None:
        running.make.kill()
        running.make.wait()

        wait_for(lambda: not running.processes(), seconds=15)

    @pytest.mark.parametrize(
        ("program", "name"), [("/postgres -D", "PostgreSQL"), ("granian", "web server")]
    )
    def test_a_killed_part_ends_the_rest(self, running: Project, program: str, name: str) -> None:
        running.kill(program)
        screen = running.until_ended()

        assert f"The {name} ended" in screen
        assert running.make.returncode != 0
        assert not running.processes()


class TestAManagementCommandOnItsOwn:
    def test_has_the_database_for_as_long_as_it_takes(self, stopped: Project) -> None:
        said = stopped.manage("shell", "-v0", "-c", COUNT_CHANNELS)

        assert said == "3\n"
        assert not stopped.processes()


class TestWhatStandsInTheWay:
    def test_a_busy_port_is_named(self, stopped: Project) -> None:
        with socket.create_server(("127.0.0.1", int(stopped.ports["PORT"]))):
            said = stopped.make_run()

        port = stopped.ports["PORT"]
        assert said.startswith(
            f"Port {port} cannot be used (Address already in use): set PORT to another one.\n"
        )
        assert "Traceback" not in said
        assert not stopped.processes()

    def test_a_port_that_is_none_is_named(self, project: Project) -> None:
        said = project.make_run(PORT="http")

        assert said.startswith("PORT=http is not a port: use a number from 1 to 65535.\n")

    def test_a_directory_that_cannot_be_used_is_named(self, project: Project) -> None:
        impossible = project.directory / "manage.py" / "var"
        said = project.make_run(VAR_DIR=str(impossible))

        assert said.startswith(f"{impossible} cannot be used: Not a directory.\n")
        assert "Traceback" not in said

    def test_production_settings_are_named(self, project: Project) -> None:
        said = project.make_run(DATABASE_URL="postgresql://db/backoffice")

        assert said.startswith("DATABASE_URL is set, so this is production")

    def test_a_missing_python_is_named(self, project: Project, tmp_path: Path) -> None:
        for program in ("sh", "make"):
            (tmp_path / program).symlink_to(str(shutil.which(program)))
        for file in FILES:
            shutil.copy(project.directory / file, tmp_path / file)

        done = subprocess.run(
            ["make", "run"],
            cwd=tmp_path,
            env={"PATH": str(tmp_path)},
            capture_output=True,
            check=False,
        )

        assert b"Python 3.11 or newer is needed; it was not found." in done.stderr
        assert done.returncode != 0
