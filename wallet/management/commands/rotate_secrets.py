"""Put every stored secret under the first key of FIELD_ENCRYPTION_KEYS."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, models

from wallet.secrets import EncryptedTextField, SecretUnreadable, decrypt, rotate

BATCH: Final = 500


class Command(BaseCommand):
    """Safe to repeat and to interrupt; the product may run meanwhile.

    To change keys: put a new key first in FIELD_ENCRYPTION_KEYS and restart, run this, then take
    the old key away.
    """

    help = "Re-encrypts every stored secret under the first key of FIELD_ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for model, field in encrypted_fields():
            rotated, lost = rotate_column(model, field)
            unreadable += len(lost)
            self.stdout.write(f"{model._meta.label}.{field.name}: {rotated}")
            for pk in lost:
                self.stderr.write(f"{model._meta.label} {pk}: {field.name} cannot be decrypted")
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets cannot be decrypted: add their key to FIELD_ENCRYPTION_KEYS."
            )


def encrypted_fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every column of every model that holds a secret."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def rotate_column(model: type[models.Model], field: EncryptedTextField) -> tuple[int, list[Any]]:
    """Re-encrypt one column; how many were, and the keys of rows that no key opens.

    A secret that somebody enters meanwhile is under the new key already and stays.
    """
    table, key, column = (
        connection.ops.quote_name(name)
        for name in (model._meta.db_table, str(model._meta.pk.column), str(field.column))
    )
    rotated, last = 0, None
    lost: list[Any] = []
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''"  # noqa: S608
                f" AND (%s::text IS NULL OR {key} > %s) ORDER BY {key} LIMIT {BATCH}",
                [last, last],
            )
            rows = cursor.fetchall()
            if not rows:
                return rotated, lost
            for pk, stored in rows:
                try:
                    decrypt(stored)
                except SecretUnreadable:
                    lost.append(pk)
                    continue
                cursor.execute(
                    f"UPDATE {table} SET {column} = %s"  # noqa: S608
                    f" WHERE {key} = %s AND {column} = %s",
                    [rotate(stored), pk, stored],
                )
                rotated += cursor.rowcount
            last = rows[-1][0]
