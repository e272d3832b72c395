"""A day compared with a file of eBET's records."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.utils import timezone

from providers import reconciliation
from providers.ebet import history
from providers.ebet.history import BadFile
from tests.providers.reconciliation.days import (
    FILE,
    ZONE,
    compare,
    found,
    move,
)
from tests.wallet.money import Purse
from wallet.models import Channel, EntryKind, Reconciliation
from wallet.reconciliation import runs


class TestAFile:
    def test_is_compared_with_its_amounts(self, purse: Purse, channel: Channel) -> None:
        assert found(compare(channel, FILE.encode())) == []

        changed = FILE.replace("120", "121").replace("b-3,", "b-9,")
        run = compare(channel, b"\xef\xbb\xbf" + changed.encode())

        assert found(run) == [
            ("different", "p-1", "amount"),
            ("extra", "b-3"),
            ("missing", "b-9"),
        ]

    def test_may_hold_several_types_under_one_seq_no(self, purse: Purse, channel: Channel) -> None:
        move(purse, EntryKind.PAYOUT, "7", "b-1")

        run = compare(channel, (FILE + "b-1,200,increaseCredit,lily08,,2,7\n").encode())

        assert found(run) == []

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "Line 0 .* there is no column seqno, status"),
            (b"seqNo,user\nb-1,lily\n", "Line 1 .* there is no column status"),
            (b"seqNo,status\nb-1,ok\n", "Line 2 .* a numeric status"),
            (b"seqNo,status\n,200\n", "Line 2 .* needs a seqNo"),
            (b"seqNo,status\nb-1\n", "Line 2 .* 1 cells under 2 titles"),
            (b"seqNo,status,money\nb-1,200,1\nb-2,200,much\n", "Line 3 .* “much” is no amount"),
            (b"seqNo,status,money\nb-1,200,NaN\n", "Line 2 .* “NaN” is no amount"),
            (b'seqNo,status\n"b-1,200\n', "cannot be read"),
            (b"\xff\xfe\x00,\x00", "cannot be read"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, content: bytes, message: str) -> None:
        with pytest.raises(BadFile, match=message):
            list(history.read_csv(io.BytesIO(content)))

    def test_that_makes_no_sense_fails_the_day(self, purse: Purse, channel: Channel) -> None:
        run = compare(channel, b"nonsense")

        assert run.state == Reconciliation.State.FAILED
        assert run.reason.startswith("Line 1 of the file cannot be read")

    def test_that_is_gone_fails_the_day(self, purse: Purse, channel: Channel) -> None:
        run = runs.request(
            channel=channel, provider="ebet", day=timezone.localdate(), zone=ZONE,
            file=io.BytesIO(b"x"), at_once=True,
        )  # fmt: skip
        Path(run.file.path).unlink()

        assert "cannot be read: No such file" in reconciliation.carry_out(run).reason
