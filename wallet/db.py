"""Prepared statements on Django's own connection, for the paths that answer callers.

Django's cursor binds on the client, so PostgreSQL plans each statement anew; a bare psycopg cursor
binds on the server and prepares. It is kept, since a new one looks up how to write and read each
type again, a quarter of a statement's time in Python. Transactions, if any, are Django's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import local
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction

Params = Sequence[Any] | Mapping[str, Any]
_kept = local()
Answer = TypeVar("Answer")


def fetch_row(sql: str, params: Params) -> tuple[Any, ...] | None:
    """The first row of a statement, or None. Raises django.db's errors."""
    with _cursor() as cursor:
        return cursor.execute(sql, params, prepare=True).fetchone()


def fetch_all(sql: str, params: Params) -> list[tuple[Any, ...]]:
    """All rows of a statement. Raises django.db's errors."""
    with _cursor() as cursor:
        return cursor.execute(sql, params, prepare=True).fetchall()


@contextmanager
def _cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    cursor = getattr(_kept, "cursor", None)
    if cursor is None or cursor.connection is not database.connection:
        cursor = _kept.cursor = psycopg.Cursor(database.connection)
    with database.wrap_database_errors:
        yield cursor


def at_most(seconds: float, ask: Callable[[], Answer]) -> Answer | None:
    """What ``ask`` reads, or None if PostgreSQL has not answered within the seconds."""
    try:
        with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{seconds}s"])
            answer = ask()
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
            return None
        raise
    return answer
