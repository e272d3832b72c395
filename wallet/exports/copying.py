"""Rows straight from PostgreSQL's COPY: one snapshot, flat memory, no object for a row."""

from __future__ import annotations

from collections.abc import Iterator
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
