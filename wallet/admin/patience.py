"""Reading for a page: given up when it takes too long, and never with a gang of processes.

Starting parallel workers takes longer than a page's worth of rows, and each page would hold
several of the few that there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

_Found = TypeVar("_Found")

_LIMITS = """
    SELECT set_config('statement_timeout', %s, true),
           set_config('max_parallel_workers_per_gather', '0', true)
"""
_NO_LIMITS = """
    SET LOCAL statement_timeout TO DEFAULT; SET LOCAL max_parallel_workers_per_gather TO DEFAULT
"""


def at_most(seconds: float, read: Callable[[], _Found]) -> _Found | None:
    """What ``read`` finds, or None if one of its statements takes longer than that."""
    within = connection.in_atomic_block
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_LIMITS, [str(round(seconds * 1000))])
            found = read()
            if within:  # the limits would outlive this block
                cursor.execute(_NO_LIMITS)
            return found
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise
