"""The ledger as CSV: its rows, its cells, and what becomes of a file that cannot be finished."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone, translation

from wallet import ledger, players
from wallet.exports.columns import LEDGER
from wallet.exports.delimited import CsvChunks
from wallet.exports.periods import BadPeriod, Period, parse_period
from wallet.exports.whole_files import whole_file
from wallet.models import Channel, EntryKind, LedgerEntry, Player, SubChannel

pytestmark = pytest.mark.django_db

TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def player() -> Player:
    channel = Channel.objects.create(pk=7, name="North", currency="CNY")
    sub_channel = SubChannel.objects.create(channel=channel, number=3, name="North-3")
    return players.register(channel=channel, username="lily08", sub_channel=sub_channel)


def post(player: Player, amount: str, reference: str, **more: Any) -> None:
    answer = ledger.post(
        wallet_id=player.wallets.get(type_id=0).pk,
        kind=EntryKind.ADJUSTMENT,
        amount=Decimal(amount),
        source="test",
        reference=reference,
        **more,
    )
    assert answer.accepted


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def exported(**options: Any) -> bytes:
    entries = LedgerEntry.objects.order_by("id")
    return b"".join(CsvChunks(entries, LEDGER, zone="Asia/Shanghai", **options))


class TestARow:
    def test_holds_the_entry_as_it_stands_in_the_ledger(self, player: Player) -> None:
        post(
            player,
            "1000.01",
            "r-1",
            reason="wire, 中文 “quoted”",
            round_code="BP1-1",
            occurred_at=datetime(2026, 1, 31, 18, 0, 0, 123456, UTC),
        )
        entry = LedgerEntry.objects.get()

        (row,) = rows_of(exported())

        posted = entry.posted_at.astimezone(timezone.get_default_timezone())
        assert row.pop("posted at (Asia/Shanghai)")[:19] == posted.strftime("%Y-%m-%d %H:%M:%S")
        assert row == {
            "occurred at (Asia/Shanghai)": "2026-02-01 02:00:00.123",
            "entry": str(entry.pk),
            "channel ID": "7",
            "sub-channel ID": "3",
            "agent ID": "",
            "username": "lily08",
            "wallet type": "0",
            "kind": "adjustment",
            "outcome": "applied",
            "reason of refusal": "",
            "requested": "1000.0100",
            "amount": "1000.0100",
            "currency": "CNY",
            "balance after": "1000.0100",
            "source": "test",
            "reference": "r-1",
            "round code": "BP1-1",
            "reverses": "",
            "staff member": "",
            "reason": "wire, 中文 “quoted”",
        }

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
    def test_never_runs_as_a_formula(self, player: Player, sign: str) -> None:
        post(player, "1", "r-1", reason=f"{sign}1+1")

        assert rows_of(exported())[0]["reason"].startswith(f"'{sign}")

    def test_keeps_negative_amounts_as_numbers(self, player: Player) -> None:
        post(player, "10", "r-1")
        post(player, "-2.5", "r-2")

        assert [row["amount"] for row in rows_of(exported())] == ["10.0000", "-2.5000"]


class TestTheFile:
    def test_is_a_bare_header_where_there_is_nothing(self) -> None:
        assert exported().count(b"\n") == 1
        nothing = CsvChunks(LedgerEntry.objects.none(), LEDGER, zone="UTC")
        assert b"".join(nothing).startswith(b"posted at (UTC),occurred at (UTC),entry,")

    def test_begins_with_a_bom_on_demand(self) -> None:
        assert exported(bom=True).startswith(b"\xef\xbb\xbfposted at")

    def test_has_headers_in_the_language_of_the_reader(self) -> None:
        with translation.override("zh-hans"):
            assert "入账时间 (Asia/Shanghai),发生时间 (Asia/Shanghai)" in exported().decode()

    def test_comes_in_chunks_and_counts_its_rows(self, player: Player) -> None:
        answers = ledger.post_batch(
            movements=[
                ledger.Movement(
                    wallet=player.wallets.get(type_id=0).pk,
                    kind=EntryKind.DEPOSIT,
                    amount=Decimal(1),
                    source="test",
                    reference=f"{number:0>200}",
                )
                for number in range(500)
            ]
        )
        assert len(answers) == 500

        chunks = CsvChunks(LedgerEntry.objects.order_by("id"), LEDGER, zone="UTC")
        parts = list(chunks)

        assert chunks.rows == 500
        assert len(parts) > 1
        assert max(len(part) for part in parts) < 66_000
        assert len(rows_of(b"".join(parts))) == 500

    def test_can_be_left_half_read(self, player: Player) -> None:
        post(player, "1", "r-1")
        chunks = iter(CsvChunks(LedgerEntry.objects.order_by("id"), LEDGER, zone="UTC"))
        next(chunks)
        assert isinstance(chunks, Iterator)
        del chunks

        assert LedgerEntry.objects.count() == 1


class TestAPeriod:
    def test_includes_the_whole_last_day(self) -> None:
        assert parse_period(since="2026-01-31", until="2026-01-31", zone="Asia/Shanghai") == (
            Period(
                datetime(2026, 1, 30, 16, tzinfo=UTC),
                datetime(2026, 1, 31, 16, tzinfo=UTC),
                "Asia/Shanghai",
            )
        )

    def test_ends_before_a_given_time(self) -> None:
        period = parse_period(since="2026-01-31T18:00", until="2026-01-31T19:00Z", zone="UTC")

        assert period.since == datetime(2026, 1, 31, 18, tzinfo=UTC)
        assert period.until == datetime(2026, 1, 31, 19, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("since", "until", "zone", "message"),
        [
            ("2026-02-02", "2026-02-01", "UTC", "ends before it begins: 2026-02-02 to 2026-02-01"),
            ("2026-02-30", "2026-03-01", "UTC", "“2026-02-30” is no date"),
            ("2026-02-01", "soon", "UTC", "“soon” is no date"),
            ("2026-02-01", "2026-02-02", "Mars/Base", "no time zone “Mars/Base”"),
            ("2026-02-01", "2026-02-02", "../etc/passwd", "no time zone"),
        ],
    )
    def test_that_is_impossible_is_refused(
        self, since: str, until: str, zone: str, message: str
    ) -> None:
        with pytest.raises(BadPeriod, match=message):
            parse_period(since=since, until=until, zone=zone)


class TestTheCommand:
    def run(self, path: Path, **options: Any) -> str:
        output = io.StringIO()
        arguments = {"channel": 7, "since": TODAY, "until": TODAY, "timezone": "UTC"} | options
        call_command("export_ledger", output=path, stdout=output, **arguments)
        return output.getvalue()

    def test_writes_the_entries_of_the_channel_and_period(
        self, player: Player, tmp_path: Path
    ) -> None:
        other = Channel.objects.create(pk=8, name="South", currency="CNY")
        post(player, "1", "r-1")
        post(players.register(channel=other, username="max"), "2", "r-2")
        path = tmp_path / "out.csv"

        said = self.run(path)

        assert said == f"1 entries written to {path}; times are UTC.\n"
        assert [row["reference"] for row in rows_of(path.read_bytes())] == ["r-1"]
        self.run(path, since="2020-01-01", until="2020-12-31")
        assert rows_of(path.read_bytes()) == []

    def test_writes_chosen_columns_of_a_player_to_a_workbook(
        self, player: Player, tmp_path: Path
    ) -> None:
        post(player, "1", "r-1")
        post(players.register(channel=player.channel, username="max"), "2", "r-2")
        path = tmp_path / "out.xlsx"

        self.run(path, format="xlsx", player="max", columns=["player", "amount"])

        sheet = openpyxl.load_workbook(path).worksheets[0]
        assert list(sheet.values) == [("username", "amount"), ("max", 2)]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"since": "2026-02-02", "until": "2026-02-01"}, "ends before it begins"),
            ({"columns": ["colour"]}, "no column “colour”"),
            ({"channel": 9}, "There is no channel 9"),
        ],
    )
    def test_refuses_a_request_that_makes_no_sense(
        self, player: Player, tmp_path: Path, options: dict[str, Any], message: str
    ) -> None:
        path = tmp_path / "out.csv"

        with pytest.raises(CommandError, match=message) as raised:
            self.run(path, **options)

        assert raised.value.returncode == 2
        assert list(tmp_path.iterdir()) == []

    def test_says_when_the_file_cannot_be_written(self, player: Player, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file or directory") as raised:
            self.run(tmp_path / "absent" / "out.csv")

        assert raised.value.returncode == 3

    def test_leaves_the_former_file_when_the_disk_is_full(
        self, player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "out.csv"
        path.write_text("former")
        monkeypatch.setattr(CsvChunks, "__iter__", disk_full)

        with pytest.raises(CommandError, match="No space left on device"):
            self.run(path)

        assert [entry.name for entry in tmp_path.iterdir()] == ["out.csv"]
        assert path.read_text() == "former"


def disk_full(chunks: CsvChunks) -> Iterator[bytes]:
    yield b"some of it"
    raise OSError(28, "No space left on device")


class TestAWholeFile:
    def test_appears_only_when_it_is_complete(self, tmp_path: Path) -> None:
        path = tmp_path / "out.csv"

        with whole_file(path) as file:
            file.write(b"all")
            assert not path.exists()

        assert path.read_bytes() == b"all"
        assert list(tmp_path.iterdir()) == [path]
