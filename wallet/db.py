"""Prepared statements on Django's own connection, for the paths that answer callers.

Django's cursor binds on the client, so PostgreSQL plans each statement anew; a bare psycopg cursor
binds on the server and prepares. Transactions, if any, are Django's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def _cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        yield cursor


def fetch_row(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The first row of a statement, or None. Raises django.db's errors."""
    with _cursor() as cursor:
        return cursor.execute(sql, params, prepare=True).fetchone()


def fetch_all(sql: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All rows of a statement. Raises django.db's errors."""
    with _cursor() as cursor:
        return cursor.execute(sql, params, prepare=True).fetchall()
