"""One PostgreSQL and one Valkey for the whole run, one database of each for every worker.

Tests work as the application does, with its limited role. The ledger forbids deleting, so nothing
is flushed: what a test does is rolled back (``db``), or stays (``committed_db``).
"""

import os
import shutil
import tempfile
from collections.abc import Iterator

import django
import pytest
from pytest_django import DjangoDbBlocker

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
IS_CONTROLLER = "PYTEST_XDIST_WORKER" not in os.environ

if IS_CONTROLLER:
    # A space in the path on purpose. Workers inherit the variable.
    os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="backoffice tests ")
for name in (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "CELERY_BROKER_URL",
    "TRUSTED_PROXIES",
    "STAFF_TWO_FACTOR",
    "STAFF_ALLOWED_NETWORKS",
):
    os.environ.pop(name, None)
os.environ["ENV_FILE"] = os.devnull
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
os.environ["EMBEDDED_DATABASE"] = f"tests_{WORKER}"
os.environ["EMBEDDED_BROKER"] = WORKER.removeprefix("gw")

django.setup()  # conftest files further down import models
# A worker that inherited this would read the settings before it comes to this file.
del os.environ["DJANGO_SETTINGS_MODULE"]

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import translation  # noqa: E402

from config import processes  # noqa: E402
from config.embedded import postgres, valkey  # noqa: E402
from config.embedded.paths import DATABASE  # noqa: E402
from config.embedded.process import Lock, Process  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SERVERS = pytest.StashKey[list[Process]]()
OWNERSHIP = pytest.StashKey[Lock]()


def pytest_configure(config: pytest.Config) -> None:
    if IS_CONTROLLER and not config.option.collectonly:
        # Commands that tests start find the server owned and leave it running.
        config.stash[OWNERSHIP] = Lock(settings.PATHS.lock)
        config.stash[OWNERSHIP].acquire()
        config.stash[SERVERS] = [
            postgres.start(settings.PATHS, durable=False),
            valkey.start(settings.PATHS),
        ]


def pytest_sessionfinish(exitstatus: int) -> None:
    kept = settings.BASE_DIR / "var" / "test-log"
    if (
        IS_CONTROLLER
        and settings.PATHS.logs.exists()
        and exitstatus == pytest.ExitCode.TESTS_FAILED
    ):
        shutil.copytree(settings.PATHS.logs, kept, dirs_exist_ok=True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if IS_CONTROLLER:
        for server in config.stash.get(SERVERS, []):
            server.stop()
        shutil.rmtree(settings.PATHS.sockets)
        shutil.rmtree(settings.VAR_DIR)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not CHROMIUM:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip("Chromium is missing: run make browser"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not (shutil.which("soffice") or shutil.which("libreoffice")):
        terminalreporter.write_line(
            "WORKBOOKS WERE NOT OPENED IN LIBREOFFICE: it is missing, install libreoffice-calc.",
            yellow=True,
        )
    if not CHROMIUM:
        terminalreporter.write_line(
            "BROWSER TESTS WERE SKIPPED: Chromium is missing, run `make browser`.", red=True
        )


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> None:
    """Copy this worker's database from one that the first worker migrates."""
    owner = connections["owner"]
    name = owner.settings_dict["NAME"]
    with django_db_blocker.unblock():
        lock = Lock(settings.VAR_DIR / "template.lock")
        lock.acquire(wait=True)
        owner.settings_dict["NAME"] = DATABASE
        with owner.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'tests_template'")
            if not cursor.fetchone():
                cursor.execute("DROP DATABASE IF EXISTS tests_unfinished")
                cursor.execute("CREATE DATABASE tests_unfinished")
                owner.close()
                owner.settings_dict["NAME"] = "tests_unfinished"
                call_command("migrate", database="owner", verbosity=0)
                owner.close()
                owner.settings_dict["NAME"] = DATABASE
        with owner.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'tests_unfinished'")
            if cursor.fetchone():
                cursor.execute("ALTER DATABASE tests_unfinished RENAME TO tests_template")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE tests_template")
        owner.close()
        owner.settings_dict["NAME"] = name
        lock.release()


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The real database, where what is committed stays: work in a channel of your own."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The test client leaves the language of its last request behind."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def web_server(django_db_setup: None) -> Iterator[str]:
    """The web server of production on this worker's database; its base URL."""
    port = processes.free_port()
    log = settings.PATHS.logs / f"web-{WORKER}.log"
    server = processes.web_server(port=port, workers=1, log=log)
    try:
        processes.wait_for_port(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="module")  # it would take the jobs of other tests
def celery_worker(django_db_setup: None) -> Iterator[Process]:
    """A Celery worker on this worker's database and broker; without periodic tasks."""
    log = settings.PATHS.logs / f"celery-{WORKER}.log"
    worker = processes.celery_worker(log=log, beat=False)
    try:
        processes.wait_for_line(" ready.", worker)
        yield worker
    finally:
        worker.stop()
