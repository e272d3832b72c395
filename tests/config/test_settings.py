"""Production: what the environment must say, and what happens when it does not."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands

from config import production
from config.celery import app
from config.environment import BASE_DIR
from config.schedule import SCHEDULE

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
PRODUCTION = {
    "DATABASE_URL": "postgresql://backoffice_app:dbpass@127.0.0.1:1/backoffice",
    "CELERY_BROKER_URL": "amqp://backoffice:mqpass@127.0.0.1:2//",
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "FIELD_ENCRYPTION_KEYS": KEY,
    "ALLOWED_HOSTS": "backoffice.example.com",
}


def manage(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run manage.py with production's environment, changed."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, **PRODUCTION, **changes},
        capture_output=True,
        text=True,
        check=False,
    )


class TestStartingProduction:
    def test_passes_the_deployment_check(self) -> None:
        done = manage("check", "--deploy", "--fail-level", "INFO")

        assert done.stdout == "System check identified no issues (0 silenced).\n", done.stderr
        assert done.returncode == 0

    def test_is_strict_about_transport(self) -> None:
        names = ["DEBUG", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"]
        statement = (
            f"from django.conf import settings as s; print([getattr(s, n) for n in {names}])"
        )

        assert manage("shell", "-v0", "-c", statement).stdout == "[False, True, True, True]\n"

    @pytest.mark.parametrize(
        ("changes", "required"), [({}, True), ({"STAFF_TWO_FACTOR": "off"}, False)]
    )
    def test_asks_staff_for_a_second_factor_unless_told_otherwise(
        self, changes: dict[str, str], required: bool
    ) -> None:
        statement = "from django.conf import settings as s; print(s.STAFF_TWO_FACTOR)"

        assert manage("shell", "-v0", "-c", statement, **changes).stdout == f"{required}\n"

    @pytest.mark.parametrize(
        ("broker", "queue"),
        [
            ("amqp://backoffice:mqpass@127.0.0.1:2//", ({"x-queue-type": "quorum"}, True)),
            ("amqps://backoffice:mqpass@127.0.0.1:2//", ({"x-queue-type": "quorum"}, True)),
            ("redis://127.0.0.1:2/0", (None, False)),
        ],
    )
    def test_keeps_tasks_in_a_quorum_queue_where_the_broker_has_such(
        self, broker: str, queue: tuple[dict[str, str] | None, bool]
    ) -> None:
        statement = (
            "from config.celery import app; "
            "print((app.amqp.queues['celery'].queue_arguments, "
            "app.conf.broker_transport_options.get('confirm_publish', False)))"
        )

        done = manage("shell", "-v0", "-c", statement, CELERY_BROKER_URL=broker)

        assert done.stdout == f"{queue}\n", done.stderr

    def test_stops_with_one_line_that_names_every_fault_and_no_secret(self) -> None:
        done = manage("check", SECRET_KEY="letmein", ALLOWED_HOSTS="", DEBUG="1")

        assert done.stderr == (
            "SECRET_KEY is too weak: at least 50 random characters are needed; "
            "ALLOWED_HOSTS is missing; "
            "DEBUG cannot be switched on in production. See .env.example.\n"
        )
        assert done.returncode == 1

    def test_reads_from_a_file_what_the_environment_leaves_out(self, tmp_path: Path) -> None:
        file = tmp_path / "production.env"
        file.write_text("DEBUG=1\nSECRET_KEY=the environment wins\n")

        done = manage("check", ENV_FILE=str(file))

        assert done.stderr == "DEBUG cannot be switched on in production. See .env.example.\n"


class TestWhatProductionDemands:
    @pytest.fixture(autouse=True)
    def complete_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in PRODUCTION.items():
            monkeypatch.setenv(name, value)

    def test_is_met_by_a_complete_environment(self) -> None:
        production.demand(environ.Env())

    @pytest.mark.parametrize("name", PRODUCTION)
    def test_is_not_met_without_any_of_it(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(name)

        with pytest.raises(
            ImproperlyConfigured, match=rf"^{name} is missing\. See .env.example\.$"
        ):
            production.demand(environ.Env())

    @pytest.mark.parametrize(
        ("name", "value", "fault"),
        [
            ("SECRET_KEY", "secret", "is too weak"),
            ("SECRET_KEY", "a" * 60, "is too weak"),
            ("SECRET_KEY", "django-insecure-" + PRODUCTION["SECRET_KEY"], "is too weak"),
            ("FIELD_ENCRYPTION_KEYS", "secret", "must list keys made by"),
            ("FIELD_ENCRYPTION_KEYS", f"{KEY},secret", "must list keys made by"),
            ("DATABASE_URL", "sqlite:///db.sqlite3", "must begin with postgresql://"),
            ("DATABASE_OWNER_URL", "mysql://db/backoffice", "must begin with postgresql://"),
            ("CELERY_BROKER_URL", "memory://", "must be a redis:// or amqp:// URL"),
            ("ALLOWED_HOSTS", "*", "must name the hosts"),
            ("TRUSTED_PROXIES", "proxy.example.com", "lists 'proxy.example.com', which is not"),
            ("TRUSTED_PROXIES", "0.0.0.0/0", "lists '0.0.0.0/0', which would believe any caller"),
            ("STAFF_ALLOWED_NETWORKS", "the office", "lists 'the office', which is not a network"),
            ("DEBUG", "1", "cannot be switched on in production"),
        ],
    )
    def test_is_not_met_by_a_weak_value(
        self, name: str, value: str, fault: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(name, value)

        with pytest.raises(ImproperlyConfigured, match=rf"^{name} {re.escape(fault)}"):
            production.demand(environ.Env())


class TestTheClock:
    @pytest.mark.parametrize("started", SCHEDULE.values(), ids=SCHEDULE)
    def test_starts_what_there_is(self, started: dict[str, Any]) -> None:
        app.loader.import_default_modules()

        assert started["task"] in app.tasks
        assert set(started["args"]) <= set(get_commands())


class TestTheExampleOfTheEnvironment:
    def test_explains_exactly_the_variables_that_are_read(self) -> None:
        sources = [BASE_DIR / "config" / name for name in ("settings.py", "environment.py")]
        read = {
            name
            for source in sources
            for name in re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", source.read_text())
        }
        example = (BASE_DIR / ".env.example").read_text()

        assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == read
