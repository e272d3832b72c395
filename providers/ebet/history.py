"""eBET's memory of the messages it sent us: over its API, or from a file that it supplied."""

import csv
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, Final

from django.utils.translation import gettext as _

from providers.ebet.client import Client
from providers.ebet.times import parse_time
from wallet.reconciliation.matching import Record

MOVEMENT: Final = "increasecredit"
REFUNDS: Final = frozenset({"refundsinglewallet", "autobatchrefund"})
PAGE: Final = 2000
_DONE: Final = frozenset({200, 201})
_QUOTA_SECONDS: Final = 60
_NEEDED: Final = ("seqno", "status")


class BadFile(ValueError):
    """The file does not hold eBET's records; the sentence says what is wrong where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as eBET remembers it. Only files name `money` (signed) and `type`."""

    seq_no: str
    status: int
    event: str = "increaseCredit"
    username: str = ""
    at: datetime | None = None
    money: Decimal | None = None
    type: str = ""


def fetch(
    client: Client,
    *,
    since: datetime,
    until: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Message]:
    """All of a period, page by page, within eBET's quota. Raises `providers.errors`."""
    start, end = (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (since, until))
    number = seen = 0
    while True:
        number += 1
        page = client.getseqnorecord(start=start, end=end, page=number, page_size=PAGE)
        for record in page.records:
            yield Message(
                seq_no=record.seq_no,
                status=record.status,
                event=record.event,
                username=record.username,
                at=parse_time(record.start_request_time),
            )
        seen += len(page.records)
        if seen >= page.count or not page.records:
            return
        if page.remaining_visit <= 0:
            sleep(_QUOTA_SECONDS)


def read_csv(file: BinaryIO) -> Iterator[Message]:
    """The rows of a file with eBET's member names as titles, in any order and case.

    `seqNo` and `status` are needed; `event`, `username`, `startRequestTime`, `type` and `money`
    are used where they are there. Raises BadFile.
    """
    reader = csv.reader(_lines(file), strict=True)
    try:
        titles = _titles(next(reader, []))
        for cells in reader:
            if cells:
                yield _message(titles, cells)
    except (csv.Error, ValueError) as error:
        raise BadFile(
            _("Line %(number)d of the file cannot be read: %(error)s")
            % {"number": reader.line_num, "error": error}
        ) from error


def _lines(file: BinaryIO) -> Iterator[str]:
    for number, line in enumerate(file):
        yield line.decode("utf-8" if number else "utf-8-sig")


def _titles(cells: list[str]) -> list[str]:
    titles = [cell.strip().lower() for cell in cells]
    if missing := [title for title in _NEEDED if title not in titles]:
        raise ValueError(_("there is no column %(names)s.") % {"names": ", ".join(missing)})
    return titles


def _message(titles: list[str], cells: list[str]) -> Message:
    if len(cells) != len(titles):
        raise ValueError(
            _("%(cells)d cells under %(titles)d titles.")
            % {"cells": len(cells), "titles": len(titles)}
        )
    row = dict(zip(titles, (cell.strip() for cell in cells), strict=True))
    if not row["seqno"] or not row["status"].removeprefix("-").isdecimal():
        raise ValueError(_("a record needs a seqNo and a numeric status."))
    return Message(
        seq_no=row["seqno"],
        status=int(row["status"]),
        event=row.get("event") or "increaseCredit",
        username=row.get("username", ""),
        at=parse_time(row.get("startrequesttime", "")),
        money=_money(row.get("money", "")),
        type=row.get("type", ""),
    )


def _money(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(_("“%(text)s” is no amount.") % {"text": text}) from error
    if not amount.is_finite():
        raise ValueError(_("“%(text)s” is no amount.") % {"text": text})
    return amount


def as_records(
    messages: Iterable[Message], *, since: datetime, until: datetime
) -> tuple[dict[str, Record], set[str], set[str]]:
    """The movements by seqNo, those of them that belong to the period, and refund messages.

    A message that was sent again makes no second record; several types under one seqNo add up. One
    without a time belongs to the period.
    """
    latest: dict[str, dict[str, Message]] = {}
    refunds = set()
    for message in messages:
        if message.event.lower() in REFUNDS:
            refunds.add(message.seq_no)
        elif message.event.lower() == MOVEMENT:
            by_type = latest.setdefault(message.seq_no, {})
            before = by_type.get(message.type)
            if before is None or before.status not in _DONE:
                by_type[message.type] = message
    records, within = {}, set()
    for seq_no, by_type in latest.items():
        parts = list(by_type.values())
        records[seq_no] = _record(seq_no, parts)
        if any(part.at is None or since <= part.at < until for part in parts):
            within.add(seq_no)
    return records, within, refunds


def _record(seq_no: str, parts: list[Message]) -> Record:
    amounts = [part.money for part in parts if part.money is not None]
    return Record(
        key=seq_no,
        done=any(part.status in _DONE for part in parts),
        player=parts[-1].username.lower(),
        amount=sum(amounts, Decimal(0)) if len(amounts) == len(parts) else None,
        at=parts[-1].at,
        says=" ".join(str(part.status) for part in parts),
    )
