"""Exports in the background: their files, their totals, their moment, their end."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from tests.exports.making import post, rows, run, today, totals, wallet_of
from tests.wallet.money import new_channel, new_player
from wallet.exports import files, formats, jobs
from wallet.exports.sources import Request
from wallet.models import Channel, EntryKind, Export, LedgerEntry

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


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

    def test_holds_rows_that_know_no_transaction_too(
        self, channel: Channel, clerk: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Players who register while the file is written neither appear in it nor spoil it."""
        player = new_player(channel=channel)
        write = formats.write

        def busy(*args: Any, **options: Any) -> Iterator[int]:
            new_player(channel=channel)
            yield from write(*args, **options)

        monkeypatch.setattr(jobs, "write", busy)

        export = run(
            jobs.request_export(user=clerk, request=today(source="players", columns=["username"]))
        )

        assert (export.state, export.rows_total) == ("done", 1)
        assert rows(export) == [{"username": player.username}]


class TestAFileThatWasKeptLongEnough:
    def test_is_deleted(self, clerk: User, storage: Path) -> None:
        export = run(jobs.request_export(user=clerk, request=today()))
        Export.objects.filter(pk=export.pk).update(expires_at=timezone.now())

        assert files.expire() == 1

        export.refresh_from_db()
        assert (export.state, export.file.name) == ("expired", "")
        assert list(storage.iterdir()) == []
        assert not jobs.may_download(user=clerk, export=export)
