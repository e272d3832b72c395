"""What the application's database role may do, applied after every migration.

The tables belong to the owner role. The application's role reads everything, and writes what is
not listed here; money moves through the posting functions, which run as the owner.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from psycopg import sql

# Written only by the posting functions, the sealing and the migrations.
READ_ONLY = (
    "wallet_ledgerentry",
    "wallet_hold",
    "wallet_holdreturn",
    "wallet_failedstake",
    "wallet_houseaccount",
    "wallet_entryrule",
    "wallet_seal",
    "wallet_hourlytotal",
    "wallet_activeplayer",
    "wallet_reportline",
    "wallet_totalsmark",
    "wallet_auditevent",
    "wallet_ledgerleg",
    "django_migrations",
)
# Inserted, never changed.
APPEND_ONLY = (
    "wallet_wallet",
    "wallet_adjustmentdecision",
    "wallet_verification",
    "wallet_stafflogin",
)
# Changed, never deleted: whatever hangs on money.
KEPT = (
    "wallet_channel",
    "wallet_channelkey",
    "wallet_subchannel",
    "wallet_agent",
    "wallet_player",
    "wallet_adjustment",
    "wallet_loginevent",
    "wallet_reconciliation",
    "wallet_note",
)


def apply_grants(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate: idempotent, and silent where one role is owner and application."""
    connection = connections[using]
    role = settings.DATABASES["default"]["USER"]
    if sender.name != "wallet" or role == connection.settings_dict["USER"]:
        return
    grantee = sql.Identifier(role)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor, include_views=True))

        def run(statement: str, names: tuple[str, ...] = ()) -> None:
            present = [sql.Identifier(name) for name in names if name in tables]
            if names and not present:
                return
            cursor.execute(
                sql.SQL(statement).format(role=grantee, tables=sql.SQL(", ").join(present))
            )

        run("GRANT USAGE ON SCHEMA public TO {role}")
        run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
        run("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC")
        run("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}")
        run("REVOKE INSERT, UPDATE, DELETE ON {tables} FROM {role}", READ_ONLY)
        run("REVOKE UPDATE, DELETE ON {tables} FROM {role}", APPEND_ONLY)
        run("REVOKE DELETE ON {tables} FROM {role}", KEPT)
