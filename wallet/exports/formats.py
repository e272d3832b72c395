"""The file formats behind one face."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from django.db.backends.base.base import BaseDatabaseWrapper

from wallet.exports.delimited import CsvChunks
from wallet.exports.sources import Selection
from wallet.exports.spreadsheet import write_xlsx
from wallet.models import Export


def write(
    file: BinaryIO,
    selection: Selection,
    *,
    format: str,  # noqa: A002  what it is called everywhere
    bom: bool = False,
    using: BaseDatabaseWrapper | None = None,
) -> Iterator[int]:
    """Write the file as it is iterated; yields how many rows there are so far, at least once.

    Titles are in the active language. Raises OSError and django.db's errors.
    """
    zone = selection.period.zone
    if format == Export.Format.XLSX:
        yield from write_xlsx(
            file,
            selection.rows,
            selection.columns,
            zone=zone,
            title=selection.title,
            using=using,
        )
        return
    chunks = CsvChunks(selection.rows, selection.columns, zone=zone, bom=bom, using=using)
    for chunk in chunks:
        file.write(chunk)
        yield chunks.rows
