"""Rows as CSV, made by PostgreSQL itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from wallet.exports.columns import Column
from wallet.exports.copying import copy_rows

CHUNK: Final = 64 * 1024
BOM: Final = b"\xef\xbb\xbf"


class CsvChunks:
    """The file in chunks, for a response or a file; UTF-8, a header row, one snapshot.

    The rows are those of the queryset, in its order. ``bom`` is for Excel, which otherwise takes
    UTF-8 for the local encoding. ``rows`` is how many there were so far.
    Iterating raises django.db's errors.
    """

    def __init__(
        self,
        queryset: QuerySet[Any],
        columns: Sequence[Column],
        *,
        zone: str,
        bom: bool = False,
        using: BaseDatabaseWrapper | None = None,
    ) -> None:
        self.query = queryset.values_list(*(column.expression(zone) for column in columns))
        self.titles = [column.title(zone) for column in columns]
        self.bom = bom
        self.using = using
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        self.rows = 0
        waiting = bytearray(BOM if self.bom else b"") + self._header()
        for row in copy_rows(self.query, using=self.using):
            waiting += row
            self.rows += 1
            if len(waiting) >= CHUNK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)

    def _header(self) -> bytes:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(self.titles)
        return line.getvalue().encode()
