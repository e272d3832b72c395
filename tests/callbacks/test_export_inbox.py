"""The inbox as a file."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import openpyxl
import pytest

from callbacks.models import ReceivedCallback
from wallet.exports.formats import write
from wallet.exports.sources import Request, read_request
from wallet.models import Channel

pytestmark = pytest.mark.django_db


def received(**fields: object) -> ReceivedCallback:
    return ReceivedCallback.objects.create(
        **{
            "event": "syncCredit",
            "channel_number": 7,
            "request": "{}",
            "answer": "{}",
            "status": 200,
            "decision": "answered",
            "address": "203.0.113.9",
            "microseconds": 900,
            "received_at": datetime(2026, 1, 31, 18, tzinfo=UTC),
            **fields,
        }
    )


class TestTheInbox:
    def test_is_written_as_csv_and_as_a_workbook(self) -> None:
        Channel.objects.create(pk=7, name="Seven", currency="CNY")
        received(username="lily08", seq_no="=cmd")
        received(channel_number=8)
        received(event="increaseCredit", status=1003)
        request = Request(
            since="2026-01-31",
            until="2026-01-31",
            zone="UTC",
            source="inbox",
            filters={"channel": 7, "event": "syncCredit"},
            columns=["received_at", "event", "username", "seq_no", "status", "caller"],
        )
        selection = read_request(request)
        csv_file, book = io.BytesIO(), io.BytesIO()

        assert list(write(csv_file, selection, format="csv"))[-1] == 1
        assert list(write(book, selection, format="xlsx"))[-1] == 1

        assert csv_file.getvalue().decode().splitlines()[1] == (
            "2026-01-31 18:00:00,syncCredit,lily08,'=cmd,200,203.0.113.9"
        )
        sheet = openpyxl.load_workbook(book).worksheets[0]
        assert list(sheet.values)[1] == (
            datetime(2026, 1, 31, 18),  # noqa: DTZ001  a spreadsheet's moments have no zone
            "syncCredit",
            "lily08",
            "=cmd",
            200,
            "203.0.113.9",
        )
