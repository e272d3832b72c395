"""Misconfiguration is reported at the start, not met at the first movement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import DatabaseError, connections


@checks.register(checks.Tags.database)
def check_roles(databases: Sequence[str] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """The application's role must not be able to rewrite the ledger."""
    if "default" not in (databases or ()):
        return []
    try:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')"
                " FROM pg_class c WHERE c.oid = to_regclass('wallet_ledgerentry')"
            )
            row = cursor.fetchone()
    except DatabaseError as error:
        return [
            checks.Error(
                f"The database cannot be asked: {error}",
                hint="Check DATABASE_URL and that PostgreSQL accepts connections.",
                id="wallet.E001",
            )
        ]
    if row and row[0]:
        return [
            checks.Warning(
                "The application's database role may change ledger entries.",
                hint="Own the tables by another role: set DATABASE_OWNER_URL to it, DATABASE_URL"
                " to a role without rights of its own, and migrate.",
                id="wallet.W001",
            )
        ]
    return []
