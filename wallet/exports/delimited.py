"""Rows as CSV, made by PostgreSQL itself: COPY streams them in flat memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from wallet.exports.columns import Column

CHUNK: Final = 64 * 1024
BOM: Final = b"\xef\xbb\xbf"


class CsvChunks:
    """The file in chunks, for a response or a file; UTF-8, a header row, one snapshot.

    The rows are those of the queryset, in its order. ``bom`` is for Excel, which otherwise takes
    UTF-8 for the local encoding. ``rows`` is how many there were, once all chunks were taken.
    Iterating raises django.db's errors.
    """

    def __init__(
        self,
        queryset: QuerySet[Model],
        columns: Sequence[Column],
        *,
        zone: str,
        bom: bool = False,
    ) -> None:
        self.queryset = queryset
        self.columns = columns
        self.zone = zone
        self.bom = bom
        self.rows = 0

    def __iter__(self) -> Iterator[bytes]:
        self.rows = 0
        yield (BOM if self.bom else b"") + self._header()
        statement = select(self.queryset, self.columns, self.zone)
        if statement is None:
            return
        sql, params = statement
        waiting = bytearray()
        with connection.cursor() as cursor, connection.wrap_database_errors:
            with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as copy:
                for row in copy:
                    waiting += row
                    if len(waiting) >= CHUNK:
                        yield bytes(waiting)
                        waiting.clear()
            self.rows = cursor.rowcount
        if waiting:
            yield bytes(waiting)

    def _header(self) -> bytes:
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(
            column.title(self.zone) for column in self.columns
        )
        return line.getvalue().encode()


def select(
    queryset: QuerySet[Model], columns: Sequence[Column], zone: str
) -> tuple[str, tuple[Any, ...]] | None:
    """The statement behind an export; None when the filters can hold for no row."""
    selected = queryset.values_list(*(column.expression(zone) for column in columns))
    try:
        sql, params = selected.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)
