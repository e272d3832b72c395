from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wallet.exports.formats import write
from wallet.exports.sources import BadRequest, Request, read_request
from wallet.exports.whole_files import whole_file
from wallet.models import EntryKind, Export

WRONG_REQUEST: Final = 2
NOT_WRITTEN: Final = 3
FILTERS: Final = ("channel", "sub_channel", "agent", "player", "wallet_type", "currency", "kinds")


class Command(BaseCommand):
    help = (
        "Writes the ledger entries of a channel, posted in a period, to a CSV or Excel file. The"
        " file appears under its name only when it is complete. Exit codes: 2 for a request that"
        " makes no sense, 3 when the file cannot be written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", type=int, required=True, metavar="N")
        parser.add_argument("--sub-channel", type=int, metavar="N")
        parser.add_argument("--agent", metavar="ID")
        parser.add_argument("--player", metavar="USERNAME")
        parser.add_argument("--wallet-type", type=int, metavar="N")
        parser.add_argument("--currency", metavar="CODE")
        parser.add_argument("--kinds", nargs="+", choices=EntryKind.values, metavar="KIND")
        parser.add_argument("--columns", nargs="+", default=[], metavar="NAME")
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
        parser.add_argument("--format", choices=Export.Format.values, default="csv")
        parser.add_argument("--bom", action="store_true", help="begin CSV with a BOM, for Excel")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        request = Request(
            since=options["since"],
            until=options["until"],
            zone=options["timezone"],
            filters={name: options[name] for name in FILTERS if options[name] is not None},
            columns=options["columns"],
            bom=options["bom"],
            format=options["format"],
        )
        path = options["output"]
        try:
            selection = read_request(request)
        except BadRequest as error:
            raise CommandError(str(error), returncode=WRONG_REQUEST) from error
        try:
            with whole_file(path) as file:
                for rows in write(file, selection, format=request.format, bom=request.bom):
                    written = rows
        except OSError as error:
            raise CommandError(
                f"{path} cannot be written: {error.strerror}.", returncode=NOT_WRITTEN
            ) from error
        self.stdout.write(f"{written} entries written to {path}; times are {request.zone}.")
