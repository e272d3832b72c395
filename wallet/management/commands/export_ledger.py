from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wallet.exports.columns import LEDGER
from wallet.exports.delimited import CsvChunks
from wallet.exports.periods import BadPeriod, parse_period
from wallet.exports.whole_files import whole_file
from wallet.models import Channel, LedgerEntry

WRONG_REQUEST: Final = 2
NOT_WRITTEN: Final = 3


class Command(BaseCommand):
    help = (
        "Writes the ledger entries of a channel, posted in a period, to a CSV file. The file"
        " appears under its name only when it is complete. Exit codes: 2 for a request that makes"
        " no sense, 3 when the file cannot be written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", type=int, required=True, metavar="N")
        parser.add_argument(
            "--from",
            dest="since",
            required=True,
            metavar="DATE",
            help="2026-01-31 or 2026-01-31T18:00",
        )
        parser.add_argument(
            "--to",
            dest="until",
            required=True,
            metavar="DATE",
            help="a date includes that whole day; a time is exclusive",
        )
        parser.add_argument(
            "--timezone",
            default=settings.TIME_ZONE,
            help="in which dates are meant and moments are written (default: %(default)s)",
        )
        parser.add_argument("--format", choices=["csv"], default="csv")
        parser.add_argument("--bom", action="store_true", help="begin with a BOM, for Excel")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = parse_period(
                since=options["since"], until=options["until"], zone=options["timezone"]
            )
        except BadPeriod as error:
            raise CommandError(str(error), returncode=WRONG_REQUEST) from error
        channel, path = options["channel"], options["output"]
        if not Channel.objects.filter(pk=channel).exists():
            raise CommandError(f"There is no channel {channel}.", returncode=WRONG_REQUEST)
        entries = LedgerEntry.objects.filter(
            channel=channel, posted_at__gte=period.since, posted_at__lt=period.until
        ).order_by("posted_at", "id")
        chunks = CsvChunks(entries, LEDGER, zone=period.zone, bom=options["bom"])
        try:
            with whole_file(path) as file:
                for chunk in chunks:
                    file.write(chunk)
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}.", returncode=NOT_WRITTEN
            ) from error
        self.stdout.write(f"{chunks.rows} entries written to {path}; times are {period.zone}.")
