"""The embedded servers under adverse conditions."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import postgres, valkey
from config.embedded.paths import EmbeddedPaths
from config.embedded.process import Lock
from config.embedded.secrets import generated_secrets
from config.environment import BASE_DIR

pytestmark = pytest.mark.xdist_group("embedded")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPaths]:
    """Deeper than a socket's path may be."""
    paths = EmbeddedPaths(tmp_path_factory.mktemp("deep") / ("a" * 60) / ("b" * 60) / "var")
    yield paths
    shutil.rmtree(paths.sockets)


def roles(paths: EmbeddedPaths) -> list[tuple[object, ...]]:
    with psycopg.connect(
        host=str(paths.sockets), user="backoffice_app", dbname="backoffice"
    ) as server:
        return server.execute(
            "SELECT rolname, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles"
            " WHERE rolname LIKE 'backoffice%' ORDER BY rolname"
        ).fetchall()


class TestEmbeddedPostgresql:
    def test_gives_the_application_and_the_owner_no_special_power(
        self, paths: EmbeddedPaths
    ) -> None:
        server = postgres.start(paths)
        found = roles(paths)
        server.stop()

        assert found == [
            ("backoffice_app", False, False, False),
            ("backoffice_owner", False, False, False),
        ]

    def test_starts_although_a_pid_file_names_another_living_process(
        self, paths: EmbeddedPaths
    ) -> None:
        server = postgres.start(paths)
        pid_file = paths.postgres_data / "postmaster.pid"
        left_behind = pid_file.read_text().replace(str(server.pid), str(os.getpid()))
        server.stop()
        pid_file.write_text(left_behind)

        server = postgres.start(paths)
        found = roles(paths)
        server.stop()

        assert len(found) == 2

    def test_ends_a_server_that_lost_its_owner(self, paths: EmbeddedPaths) -> None:
        orphan = postgres.start(paths)

        server = postgres.start(paths)
        found = roles(paths)
        server.stop()

        assert orphan.exit_code == 0
        assert len(found) == 2

    def test_leaves_the_modes_of_the_directories_above_alone(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        paths = EmbeddedPaths(tmp_path / "var")
        postgres.start(paths).stop()
        shutil.rmtree(paths.sockets)

        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700

    @pytest.mark.skipif(not shutil.which("unshare"), reason="needs util-linux")
    def test_asks_for_an_ordinary_user_where_root_gets_no_user_namespace(
        self, tmp_path: Path
    ) -> None:
        forbid = "echo 0 > /proc/sys/user/max_user_namespaces"
        done = subprocess.run(
            [
                *(
                    "unshare",
                    "--user",
                    "--map-root-user",
                    "sh",
                    "-c",
                    f'{forbid} && exec "$@"',
                    "-",
                ),
                *(sys.executable, "manage.py", "check"),
            ],
            cwd=BASE_DIR,
            env={**os.environ, "VAR_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

        assert done.stderr == (
            "PostgreSQL does not run as root, and this machine does not allow user namespaces: "
            "run this as an ordinary user.\n"
        )
        assert done.returncode == 1


class TestEmbeddedValkey:
    def test_keeps_what_is_queued(self, paths: EmbeddedPaths) -> None:
        server = valkey.start(paths)
        with redis.Redis(unix_socket_path=str(paths.sockets / "valkey.sock")) as client:
            client.lpush("queue", "task")
        server.stop()

        server = valkey.start(paths)
        with redis.Redis(unix_socket_path=str(paths.sockets / "valkey.sock")) as client:
            found = client.lpop("queue")
        server.stop()

        assert found == b"task"


class TestGeneratedSecrets:
    def test_stay_the_same_and_are_for_their_owner_only(self, tmp_path: Path) -> None:
        first = generated_secrets(tmp_path / "var" / "secrets.json")
        second = generated_secrets(tmp_path / "var" / "secrets.json")

        assert first == second
        assert stat.S_IMODE((tmp_path / "var" / "secrets.json").stat().st_mode) == 0o600


class TestTheSocketsDirectory:
    def test_is_made_again_when_a_reboot_has_swept_it(self, tmp_path: Path) -> None:
        first = EmbeddedPaths(tmp_path).sockets
        first.rmdir()
        second = EmbeddedPaths(tmp_path).sockets
        third = EmbeddedPaths(tmp_path).sockets

        assert second == third
        assert stat.S_IMODE(second.stat().st_mode) == 0o700
        second.rmdir()

    def test_is_not_shared_with_other_users(self, tmp_path: Path) -> None:
        first = EmbeddedPaths(tmp_path).sockets
        first.chmod(0o755)
        second = EmbeddedPaths(tmp_path).sockets

        assert second != first
        first.rmdir()
        second.rmdir()


class TestALock:
    def test_is_held_by_one_process_at_a_time_and_names_it(self, tmp_path: Path) -> None:
        first, second = Lock(tmp_path / "lock"), Lock(tmp_path / "lock")

        assert first.acquire()
        assert not second.acquire()
        assert second.holder() == str(os.getpid())
        first.release()
        assert second.acquire()
        second.release()
