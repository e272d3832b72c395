"""Exports that are lost, cancelled or cannot be written: never a part under a finished name."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, connections, transaction
from django.utils import timezone

from tests.exports.making import post, rows, run, today, wallet_of
from wallet.exports import files, jobs
from wallet.models import Channel, Export

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def worker(storage: Path, *before: str) -> subprocess.Popen[str]:
    """Another process that makes the exports that are due, with the storage of this test."""
    code = (
        "import django; django.setup();"
        "from django.conf import settings; settings.MEDIA_ROOT = sys.argv[1];"
        "from django.core.management import call_command; call_command('run_exports')"
    )
    return subprocess.Popen(
        [*before, sys.executable, "-c", f"import sys; {code}", str(storage.parent)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(found: Callable[[], Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.05)


class TestAWorkerThatIsLost:
    def test_is_replaced_and_the_file_is_the_same(
        self, channel: Channel, clerk: User, storage: Path
    ) -> None:
        wallet = wallet_of(channel)
        export = jobs.request_export(user=clerk, request=today())
        assert jobs._claim() == export  # and then its worker is killed
        post(wallet, "5")  # too late for this export
        assert jobs.run_due() == 0  # for all that is known, the worker lives
        silent = timezone.now() - timedelta(seconds=61)
        Export.objects.filter(pk=export.pk).update(heartbeat_at=silent)

        run(export)

        assert (export.state, export.attempts) == ("done", 2)
        assert [row["amount"] for row in rows(export)] == ["100.0000"]

    def test_by_a_kill_in_the_middle_of_the_file_leaves_none_under_its_name(
        self, channel: Channel, clerk: User, storage: Path
    ) -> None:
        wallet_of(channel)
        export = jobs.request_export(user=clerk, request=today())
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            # The worker opens its file, and then waits for the ledger.
            cursor.execute("LOCK TABLE wallet_ledgerentry IN ACCESS EXCLUSIVE MODE")
            lost = worker(storage)
            wait_for(lambda: storage.exists() and list(storage.iterdir()))
            lost.kill()
            lost.communicate()
        (part,) = storage.iterdir()
        assert part.name.startswith(".")
        assert part.name.endswith(".part")
        export.refresh_from_db()
        assert (export.state, export.file.name) == ("running", "")
        silent = timezone.now() - timedelta(seconds=61)
        Export.objects.filter(pk=export.pk).update(heartbeat_at=silent)

        run(export)

        assert (export.state, export.attempts) == ("done", 2)
        assert sorted(path.name for path in storage.iterdir()) == [
            part.name, Path(export.file.path).name,
        ]  # fmt: skip
        os.utime(part, (0, 0))
        files.expire()
        assert [path.name for path in storage.iterdir()] == [Path(export.file.path).name]

    def test_cannot_report_any_more(self, channel: Channel, clerk: User, storage: Path) -> None:
        wallet_of(channel)
        export = jobs.request_export(user=clerk, request=today())
        lost = jobs._claim()
        assert lost is not None
        silent = timezone.now() - timedelta(seconds=61)
        Export.objects.filter(pk=export.pk).update(heartbeat_at=silent)
        run(export)
        digest = export.sha256

        jobs._run(lost)

        export.refresh_from_db()
        assert (export.state, export.sha256) == ("done", digest)
        assert [path.name for path in storage.iterdir()] == [Path(export.file.path).name]

    def test_gives_up_in_the_end(self, clerk: User) -> None:
        export = jobs.request_export(user=clerk, request=today())
        Export.objects.filter(pk=export.pk).update(attempts=jobs.MOST_ATTEMPTS)

        run(export)

        assert (export.state, export.reason) == ("failed", "Its workers were lost 5 times.")


class TestAnExportThatCannotBeFinished:
    def test_is_cancelled_while_it_runs(
        self, channel: Channel, clerk: User, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wallet_of(channel)
        export = jobs.request_export(user=clerk, request=today())
        monkeypatch.setattr(jobs, "REPORT_SECONDS", 0.0)

        def cancelled(*args: Any, **options: Any) -> Iterator[int]:
            jobs.cancel(export_id=export.pk)
            yield 1

        monkeypatch.setattr(jobs, "write", cancelled)

        run(export)

        assert export.state == "cancelled"
        assert list(storage.iterdir()) == []
        with pytest.raises(jobs.NotCancellable):
            jobs.cancel(export_id=export.pk)

    def test_is_cancelled_in_the_moment_in_which_a_worker_takes_it(
        self, channel: Channel, clerk: User
    ) -> None:
        export = jobs.request_export(user=clerk, request=today())

        def claim() -> Export | None:
            try:
                return jobs._claim()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as worker:
            with transaction.atomic():
                jobs.cancel(export_id=export.pk)
                taken = worker.submit(claim)
                time.sleep(0.5)  # it has come to the row by now
                assert not taken.done()
            assert taken.result(10) is None

        export.refresh_from_db()
        assert export.state == "cancelled"

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_says_that_the_disk_is_full_and_leaves_nothing(
        self, channel: Channel, clerk: User, storage: Path, kind: str
    ) -> None:
        """On a real file system of 16 kB, in a namespace of its own."""
        alone = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
        if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
            pytest.skip("THE FULL DISK WAS NOT TRIED: this system allows no mount namespace")
        wallet = wallet_of(channel)
        for _ in range(300):
            post(wallet, "1")
        export = jobs.request_export(user=clerk, request=today(format=kind))
        storage.mkdir(parents=True)
        mount = f'mount -t tmpfs -o size=16k none "{storage}" && "$@"; ls -A "{storage}"'

        said = worker(storage, *alone, "sh", "-c", mount, "sh").communicate(timeout=60)[0]

        export.refresh_from_db()
        assert (export.state, export.reason) == (
            "failed",
            "The file cannot be written: No space left on device.",
        ), said
        assert ".part" not in said
        assert f"{export.pk}.{kind}" not in said
        assert not jobs.may_download(user=clerk, export=export)

    @pytest.mark.parametrize("kind", ["csv", "xlsx"])
    def test_says_that_the_file_became_too_large_and_leaves_nothing(
        self, channel: Channel, clerk: User, storage: Path, kind: str
    ) -> None:
        wallet_of(channel)
        export = jobs.request_export(user=clerk, request=today(format=kind))
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        try:
            run(export)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

        assert (export.state, export.reason) == (
            "failed",
            "The file cannot be written: File too large.",
        )
        assert list(storage.iterdir()) == []

    def test_says_that_the_folder_is_not_writable(
        self, channel: Channel, clerk: User, storage: Path
    ) -> None:
        storage.write_text("a file where the folder should be")

        export = run(jobs.request_export(user=clerk, request=today()))

        assert (export.state, export.reason) == (
            "failed",
            "The file cannot be written: File exists.",
        )

    def test_does_not_stop_the_next_one(self, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
        first = jobs.request_export(user=clerk, request=today())
        Export.objects.filter(pk=first.pk).update(request={"nonsense": 1})
        second = jobs.request_export(user=clerk, request=today())

        run(first)

        second.refresh_from_db()
        assert (first.state, second.state) == ("failed", "done")
