"""Exports in the background: their files, their totals, and what happens to workers and clerks."""

from __future__ import annotations

import csv
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from tests.wallet.money import new_channel, new_player, unique
from wallet import ledger
from wallet.exports import files, jobs
from wallet.exports.sources import BadRequest, Request
from wallet.models import Channel, EntryKind, Export, LedgerEntry, StaffScope

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


@pytest.fixture
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def channel(committed_db: None) -> Channel:
    return new_channel()


@pytest.fixture
def clerk(channel: Channel) -> User:
    user = User.objects.create_user(unique("clerk"), is_staff=True)
    user.user_permissions.add(*may_export())
    StaffScope.objects.create(user=user, channel=channel)
    return user


def may_export() -> QuerySet[Permission]:
    return Permission.objects.filter(
        codename__in=["export_ledger", "view_ledgerentry", "view_player"]
    )


def today(**more: Any) -> Request:
    day = datetime.now(UTC).date().isoformat()
    return Request(since=day, until=day, zone="UTC", **more)


def post(wallet_id: int, amount: str, kind: EntryKind = EntryKind.ADJUSTMENT) -> None:
    answer = ledger.post(
        wallet_id=wallet_id,
        kind=kind,
        amount=Decimal(amount),
        source="test",
        reference=unique(),
    )
    assert answer.accepted


def wallet_of(channel: Channel, balance: str = "100") -> int:
    return new_player(balance, channel=channel).wallets.get(type_id=0).pk


def run(export: Export) -> Export:
    assert jobs.run_due() >= 1
    export.refresh_from_db()
    return export


def rows(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(export.file.path).read_text())))


def totals(export: Export) -> dict[str, Any]:
    """What the manifest says of the only currency."""
    assert export.manifest is not None
    ((currency, figures),) = export.manifest["currencies"].items()
    assert currency == "CNY"
    found: dict[str, Any] = figures
    return found


class TestAnExport:
    def test_becomes_a_file_with_a_manifest_that_ties_to_the_ledger(
        self, channel: Channel, clerk: User
    ) -> None:
        wallet = wallet_of(channel, "100.5")
        post(wallet, "-0.25")
        post(wallet, "-20", EntryKind.BET)
        post(wallet, "0", EntryKind.PAYOUT)
        wallet_of(new_channel(), "7")  # out of the clerk's sight

        export = run(jobs.request_export(user=clerk, request=today()))

        assert (export.state, export.percent) == ("done", 100)
        assert (export.rows_total, export.rows_done) == (4, 4)
        content = Path(export.file.path).read_bytes()
        assert (export.size, export.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert [row["amount"] for row in rows(export)] == [
            "100.5000", "-0.2500", "-20.0000", "0.0000",
        ]  # fmt: skip
        assert export.manifest is not None
        assert export.manifest["rows"] == 4
        assert export.manifest["sha256"] == export.sha256
        assert totals(export) == {
            "opening": "0.0000",
            "movements": {
                "adjustment": {"entries": 1, "amount": "-0.2500"},
                "bet": {"entries": 1, "amount": "-20.0000"},
                "opening": {"entries": 1, "amount": "100.5000"},
                "payout": {"entries": 1, "amount": "0.0000"},
            },
            "closing": "80.2500",
        }
        assert export.expires_at is not None
        assert export.expires_at > timezone.now() + timedelta(days=6)

    def test_opens_with_what_was_there_before_the_period(
        self, channel: Channel, clerk: User
    ) -> None:
        wallet = wallet_of(channel, "100")
        between = timezone.now()
        post(wallet, "-30")

        request = Request(
            since=between.isoformat(),
            until=(between + timedelta(hours=1)).isoformat(),
            zone="UTC",
            filters={"kinds": ["bet"]},
        )
        export = run(jobs.request_export(user=clerk, request=request))

        assert totals(export) == {
            "opening": "100.0000",
            "movements": {"adjustment": {"entries": 1, "amount": "-30.0000"}},
            "closing": "70.0000",
        }
        assert rows(export) == []

    def test_holds_only_what_the_filters_let_through(self, channel: Channel, clerk: User) -> None:
        player = new_player("10", channel=channel)
        wallet_of(channel, "20")

        request = today(
            filters={"player": player.username, "channel": channel.pk, "kinds": ["opening"]},
            columns=["player", "amount"],
        )
        export = run(jobs.request_export(user=clerk, request=request))

        assert rows(export) == [{"username": player.username, "amount": "10.0000"}]

    def test_may_be_a_workbook_with_chinese_headers(self, channel: Channel, clerk: User) -> None:
        wallet_of(channel)

        export = run(
            jobs.request_export(user=clerk, request=today(format="xlsx", language="zh-hans"))
        )

        assert export.state == "done"
        with zipfile.ZipFile(export.file.path) as book:
            assert "金额" in book.read("xl/worksheets/sheet1.xml").decode()

    def test_may_list_players(self, channel: Channel, clerk: User) -> None:
        player = new_player("12.5", channel=channel, nickname="=Lily")
        new_player(channel=new_channel())  # out of the clerk's sight

        request = today(source="players", columns=["username", "nickname", "status", "balance"])
        export = run(jobs.request_export(user=clerk, request=request))

        assert rows(export) == [
            {
                "username": player.username,
                "nickname": "'=Lily",
                "status": "active",
                "balance": "12.5000",
            }
        ]
        assert export.manifest is not None
        assert "currencies" not in export.manifest


class TestARequestThatMakesNoSense:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"source": "secrets"}, "“secrets” cannot be exported"),
            ({"format": "pdf"}, "no format “pdf”"),
            ({"columns": ["amount", "colour"]}, "no column “colour”; there are posted_at"),
            ({"filters": {"colour": 1}}, "no filter “colour”"),
            ({"filters": {"channel": "7"}}, "no channel 7"),
            ({"filters": {"channel": 2147480000}}, "no channel 2147480000"),
            ({"filters": {"wallet_type": "1"}}, "“wallet_type” does not know '1'"),
            ({"filters": {"kinds": ["theft"]}}, "“kinds” does not know"),
        ],
    )
    def test_is_refused(self, clerk: User, change: dict[str, Any], message: str) -> None:
        with pytest.raises(BadRequest, match=message):
            jobs.request_export(user=clerk, request=today(**change))

        assert not Export.objects.filter(requested_by=clerk).exists()

    def test_is_refused_for_a_channel_of_others(self, clerk: User) -> None:
        other = new_channel()

        with pytest.raises(BadRequest, match=f"There is no channel {other.pk}"):
            jobs.request_export(user=clerk, request=today(filters={"channel": other.pk}))

        assert not Export.objects.filter(requested_by=clerk).exists()

    def test_is_refused_when_it_ends_before_it_begins(self, clerk: User) -> None:
        with pytest.raises(BadRequest, match="ends before it begins"):
            jobs.request_export(
                user=clerk, request=Request(since="2026-02-02", until="2026-02-01", zone="UTC")
            )

        assert not Export.objects.filter(requested_by=clerk).exists()


class TestPermissionAndScope:
    def test_are_asked_for_at_the_request(self, channel: Channel) -> None:
        user = User.objects.create_user(unique("nobody"), is_staff=True)

        with pytest.raises(PermissionDenied):
            jobs.request_export(user=user, request=today())

        assert not Export.objects.filter(requested_by=user).exists()

    def test_are_asked_for_again_when_it_runs(self, clerk: User) -> None:
        export = jobs.request_export(user=clerk, request=today())
        clerk.user_permissions.clear()

        run(export)

        assert (export.state, export.reason) == ("failed", "You may not export this.")

    def test_are_asked_for_again_at_the_download(self, channel: Channel, clerk: User) -> None:
        export = run(jobs.request_export(user=clerk, request=today()))
        other = User.objects.create_user(unique("other"), is_staff=True)
        other.user_permissions.add(*may_export())

        assert jobs.may_download(user=clerk, export=export)
        assert not jobs.may_download(user=other, export=export)
        StaffScope.objects.create(user=other, channel=channel)
        other = User.objects.get(pk=other.pk)
        assert jobs.may_download(user=other, export=export)
        StaffScope.objects.filter(user=clerk).delete()
        assert not jobs.may_download(user=User.objects.get(pk=clerk.pk), export=export)


class TestTheSnapshot:
    def test_leaves_out_what_had_not_been_committed(self, channel: Channel, clerk: User) -> None:
        """An entry older by its number, but committed later, belongs to the next export."""
        wallet, other = wallet_of(channel), wallet_of(channel)
        post(wallet, "7")  # the house account is there from now on
        posted, go_on = threading.Event(), threading.Event()

        def slow() -> None:
            try:
                with transaction.atomic():
                    post(other, "1")
                    posted.set()
                    go_on.wait(20)
            finally:
                connection.close()

        thread = threading.Thread(target=slow)
        thread.start()
        assert posted.wait(20)
        post(wallet, "2")
        export = jobs.request_export(user=clerk, request=today())
        claimed = jobs._claim()
        assert claimed == export
        go_on.set()
        thread.join()
        post(wallet, "3")

        jobs._run(claimed)

        export.refresh_from_db()
        assert [row["amount"] for row in rows(export)] == [
            "100.0000",
            "100.0000",
            "7.0000",
            "2.0000",
        ]
        assert totals(export)["closing"] == "209.0000"
        assert LedgerEntry.objects.filter(channel=channel).count() == 6


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

    def test_says_that_the_disk_is_full_and_leaves_nothing(
        self, channel: Channel, clerk: User, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export = jobs.request_export(user=clerk, request=today())

        def full(*args: Any, **options: Any) -> Iterator[int]:
            yield 0
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(jobs, "write", full)

        run(export)

        assert (export.state, export.reason) == (
            "failed",
            "The file cannot be written: No space left on device.",
        )
        assert list(storage.iterdir()) == []
        assert not jobs.may_download(user=clerk, export=export)

    def test_does_not_stop_the_next_one(self, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
        first = jobs.request_export(user=clerk, request=today())
        Export.objects.filter(pk=first.pk).update(request={"nonsense": 1})
        second = jobs.request_export(user=clerk, request=today())

        run(first)

        second.refresh_from_db()
        assert (first.state, second.state) == ("failed", "done")


class TestAFileThatWasKeptLongEnough:
    def test_is_deleted(self, clerk: User, storage: Path) -> None:
        export = run(jobs.request_export(user=clerk, request=today()))
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

        assert files.expire() == 1

        export.refresh_from_db()
        assert (export.state, export.file.name) == ("expired", "")
        assert list(storage.iterdir()) == []
        assert not jobs.may_download(user=clerk, export=export)
