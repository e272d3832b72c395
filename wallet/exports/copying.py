"""Rows straight from PostgreSQL's COPY: one snapshot, flat memory, no object for a row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection as default_connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet


def copy_rows(
    query: QuerySet[Any, Any], *, options: str = "", using: BaseDatabaseWrapper | None = None
) -> Iterator[bytes | bytearray | memoryview]:
    """The encoded rows of a ``values_list`` query, each ending in a newline.

    ``options`` are those of COPY's CSV format. ``using`` is a connection of one's own where the
    usual one is needed meanwhile. Raises django.db's errors.
    """
    connection = using or default_connection
    try:
        sql, params = query.query.sql_with_params()
    except EmptyResultSet:  # the filters can hold for no row
        return
    statement = f"COPY ({sql}) TO STDOUT (FORMAT csv{options})"
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(statement, params) as copy,
    ):
        yield from copy


@contextmanager
def one_snapshot() -> Iterator[BaseDatabaseWrapper]:
    """A connection of one's own on which everything is read as it is now. Nothing is written."""
    own = default_connection.copy()
    try:
        with own.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield own
    finally:
        own.close()


def count_rows(query: QuerySet[Any, Any], *, using: BaseDatabaseWrapper) -> int:
    """How many rows a query has on that connection."""
    try:
        sql, params = query.order_by().query.sql_with_params()
    except EmptyResultSet:
        return 0
    with using.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) AS counted", params)  # noqa: S608  the ORM's own
        (count,) = cursor.fetchone()
    return int(count)
