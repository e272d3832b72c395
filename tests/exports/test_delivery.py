"""Scheduled exports go on into a store: a folder, or buckets of a real S3-compatible server."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.storage import storages
from django.utils import timezone
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from config import delivery as config
from tests.wallet.money import new_channel, new_player, unique
from wallet.exports import delivery, files, jobs, schedules
from wallet.models import Channel, Export, StaffScope

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture(autouse=True)
def nothing_due(committed_db: None) -> None:
    """Tests leave deliveries that are to be tried again in some minutes."""
    Export.objects.update(delivery_due_at=None)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    deliver_to(settings, config.store(str(tmp_path / "store")))
    return tmp_path / "store"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    own = ThreadedMotoServer(port=0)
    own.start()
    host, port = own.get_host_and_port()
    yield f"http://{host}:{port}"
    own.stop()


@pytest.fixture
def bucket(settings: Settings, tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "finance")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    settings.MEDIA_ROOT = tmp_path / "media"
    store = config.store("s3://finance/night", endpoint=server, region="us-east-1")
    deliver_to(settings, store)
    s3: Any = boto3.resource("s3", endpoint_url=server, region_name="us-east-1")
    own = s3.Bucket("finance")
    own.create()
    yield own
    own.objects.all().delete()
    own.delete()


def deliver_to(settings: Settings, store: dict[str, Any]) -> None:
    settings.STORAGES = {**settings.STORAGES, delivery.STORE: store}


def scheduled(channel: Channel, *, deliver: bool = True, kind: str = "xlsx") -> Export:
    """An export that its schedule asked for and a worker has made."""
    owner = User.objects.create_user(unique("owner"), is_staff=True)
    owner.user_permissions.add(
        *Permission.objects.filter(codename__in=["export_ledger", "view_ledgerentry"])
    )
    StaffScope.objects.create(user=owner, channel=channel)
    schedule = schedules.schedule_export(
        owner=owner,
        name="Night",
        request={"zone": "UTC", "format": kind},
        rule="daily",
        deliver=deliver,
    )
    export = schedules.run_now(schedule)
    assert jobs.run_due() >= 1
    export.refresh_from_db()
    assert export.state == "done"
    return export


def played() -> Channel:
    channel = new_channel()
    new_player("100", channel=channel)
    return channel


def due_again(export: Export) -> None:
    Export.objects.filter(pk=export.pk).update(delivery_due_at=timezone.now())


class TestAFolder:
    def test_gets_the_file_and_its_manifest(self, folder: Path) -> None:
        export = scheduled(played())

        assert delivery.deliver_due() == 1

        export.refresh_from_db()
        yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
        name = f"ledger-{yesterday}-{yesterday}-{export.pk}.xlsx"
        assert sorted(path.name for path in folder.iterdir()) == [name, f"{name}.manifest.json"]
        assert (folder / name).read_bytes() == Path(export.file.path).read_bytes()
        assert json.loads((folder / f"{name}.manifest.json").read_text()) == export.manifest
        assert export.delivered_at is not None
        assert (export.delivery_due_at, export.delivery_problem) == (None, "")
        assert delivery.deliver_due() == 0

    def test_gets_nothing_that_no_schedule_sends_there(self, folder: Path) -> None:
        export = scheduled(played(), deliver=False)

        assert delivery.deliver_due() == 0

        assert not folder.exists()
        assert export.delivered_at is None

    def test_that_cannot_be_written_is_tried_again(self, folder: Path) -> None:
        folder.write_text("a file where the folder should be")
        export = scheduled(played())

        assert delivery.deliver_due() == 0

        export.refresh_from_db()
        assert (export.state, export.delivered_at) == ("done", None)
        assert export.delivery_problem in ("File exists", "Not a directory")
        assert export.delivery_due_at is not None
        assert export.delivery_due_at > timezone.now() + timedelta(seconds=100)
        assert delivery.deliver_due() == 0  # not before its time
        folder.unlink()
        due_again(export)
        assert delivery.deliver_due() == 1
        export.refresh_from_db()
        assert (export.delivery_problem, len(list(folder.iterdir()))) == ("", 2)

    def test_is_given_up_in_the_end_until_somebody_asks(self, folder: Path) -> None:
        folder.write_text("in the way")
        export = scheduled(played())
        Export.objects.filter(pk=export.pk).update(delivery_attempts=delivery.MOST_ATTEMPTS - 1)

        assert delivery.deliver_due() == 0

        export.refresh_from_db()
        assert (export.delivery_due_at, export.delivery_problem != "") == (None, True)
        folder.unlink()
        delivery.deliver_again(export_id=export.pk)
        assert delivery.deliver_due() == 1

    def test_never_shows_a_part_of_a_file(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = scheduled(played())

        def full(source: Any, target: Any) -> None:
            target.write(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("shutil.copyfileobj", full)

        assert delivery.deliver_due() == 0

        export.refresh_from_db()
        assert export.delivery_problem == "No space left on device"
        assert list(folder.iterdir()) == []

    def test_is_left_to_the_next_worker_when_one_is_killed(self, folder: Path) -> None:
        export = scheduled(played())
        assert delivery._claim() == export  # and then its worker is killed

        assert delivery.deliver_due() == 0

        due_again(export)  # half an hour later
        assert delivery.deliver_due() == 1

    def test_loses_the_file_when_it_was_kept_long_enough(self, folder: Path) -> None:
        export = scheduled(played())
        delivery.deliver_due()
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

        assert files.expire() >= 1

        export.refresh_from_db()
        assert (export.state, export.delivery_problem) == ("expired", "")
        assert list(folder.iterdir()) == []

    def test_loses_a_file_whose_manifest_never_followed(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = scheduled(played())
        save = delivery._save

        def full(store: Any, name: str, file: Any) -> None:
            if name == delivery.manifest_name_of(export):
                raise OSError(28, "No space left on device")
            save(store, name, file)

        monkeypatch.setattr(delivery, "_save", full)
        delivery.deliver_due()
        assert [path.name for path in folder.iterdir()] == [delivery.name_of(export)]
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

        assert files.expire() >= 1

        export.refresh_from_db()
        assert (export.state, export.delivery_problem) == ("expired", "No space left on device")
        assert list(folder.iterdir()) == []


class TestABucket:
    def test_gets_the_file_and_its_manifest(self, bucket: Any) -> None:
        export = scheduled(played(), kind="csv")

        assert delivery.deliver_due() == 1

        name = f"night/{delivery.name_of(export)}"
        assert [found.key for found in bucket.objects.all()] == [name, f"{name}.manifest.json"]
        body = bucket.Object(name).get()["Body"].read()
        assert body == Path(export.file.path).read_bytes()

    def test_is_overwritten_by_a_second_delivery(self, bucket: Any) -> None:
        export = scheduled(played())
        delivery.deliver_due()
        delivery.deliver_again(export_id=export.pk)

        assert delivery.deliver_due() == 1

        assert len(list(bucket.objects.all())) == 2

    def test_that_is_not_there_is_named_in_the_reason(
        self, bucket: Any, settings: Settings, server: str
    ) -> None:
        store = config.store("s3://elsewhere", endpoint=server, region="us-east-1")
        deliver_to(settings, store)
        export = scheduled(played())

        assert delivery.deliver_due() == 0

        export.refresh_from_db()
        assert "bucket does not exist" in export.delivery_problem
        assert export.delivery_due_at is not None

    def test_of_a_server_that_is_down_is_tried_again(self, bucket: Any, settings: Settings) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        deliver_to(settings, config.store("s3://finance", endpoint=f"http://127.0.0.1:{port}"))
        export = scheduled(played())

        assert delivery.deliver_due() == 0

        export.refresh_from_db()
        assert "Could not connect" in export.delivery_problem
        assert list(bucket.objects.all()) == []

    def test_loses_the_file_when_it_was_kept_long_enough(self, bucket: Any) -> None:
        export = scheduled(played())
        delivery.deliver_due()
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

        assert files.expire() >= 1

        assert list(bucket.objects.all()) == []


class TestTheSetting:
    @pytest.mark.parametrize(
        ("address", "fault"),
        [
            ("s3://finance", ""),
            ("s3://finance/night", ""),
            ("/srv/exports", ""),
            ("s3:///night", "names no bucket"),
            ("exports", "must be an absolute path"),
        ],
    )
    def test_names_a_bucket_or_an_absolute_path(self, address: str, fault: str) -> None:
        assert fault in config.fault_of(address)
        assert bool(config.fault_of(address)) is bool(fault)

    def test_of_the_demo_is_a_folder_of_its_own(self) -> None:
        assert storages[delivery.STORE].path("x").startswith(os.environ["VAR_DIR"])
