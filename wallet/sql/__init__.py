"""The functions and triggers of the ledger, installed by migrations."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

HERE = Path(__file__).parent


def install(name: str) -> migrations.RunSQL:
    """Run ``name``.sql forwards and ``name``.reverse.sql backwards."""
    return migrations.RunSQL(
        (HERE / f"{name}.sql").read_text(), (HERE / f"{name}.reverse.sql").read_text()
    )
