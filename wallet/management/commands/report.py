from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from wallet import totals
from wallet.exports.formats import write
from wallet.exports.whole_files import whole_file
from wallet.models import Export
from wallet.reports.asking import DEFAULT_BY, DIMENSIONS, BadAsk, read_ask
from wallet.reports.catalogue import REPORTS
from wallet.scope import Scope

WRONG_REQUEST: Final = 2
NOT_WRITTEN: Final = 3


class Command(BaseCommand):
    help = (
        "Writes a report to a CSV or Excel file, of yesterday unless told otherwise. The file"
        " appears under its name only when it is complete. Exit codes: 2 for a request that makes"
        " no sense, 3 when the file cannot be written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", choices=REPORTS)
        parser.add_argument("--channel", type=int, metavar="N")
        parser.add_argument("--currency", default="", metavar="CODE")
        parser.add_argument(
            "--from", dest="since", metavar="DATE", help="2026-01-31 or 2026-01-31T18:00"
        )
        parser.add_argument(
            "--to",
            dest="until",
            metavar="DATE",
            help="a date includes that whole day; a time is exclusive; the moment of a balance",
        )
        parser.add_argument(
            "--by",
            nargs="*",
            default=DEFAULT_BY,
            metavar="NAME",
            help=f"of the daily summary, any of: {', '.join(DIMENSIONS)}",
        )
        parser.add_argument("--least", default="10000", metavar="AMOUNT", help="of large movements")
        parser.add_argument(
            "--timezone",
            default=settings.TIME_ZONE,
            help="in which dates are meant and moments are written (default: %(default)s)",
        )
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default="en")
        parser.add_argument("--format", choices=Export.Format.values, default="csv")
        parser.add_argument("--bom", action="store_true", help="begin CSV with a BOM, for Excel")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path, report = options["output"], REPORTS[options["name"]]
        totals.roll_up()
        with translation.override(options["language"]):
            try:
                selection = report.selection(_read(options))
            except BadAsk as error:
                raise CommandError(str(error), returncode=WRONG_REQUEST) from error
            try:
                with whole_file(path) as file:
                    for rows in write(
                        file, selection, format=options["format"], bom=options["bom"]
                    ):
                        written = rows
            except OSError as error:
                raise CommandError(
                    f"{path} cannot be written: {error.strerror}.", returncode=NOT_WRITTEN
                ) from error
        self.stdout.write(f"{written} rows written to {path}; times are {options['timezone']}.")


def _read(options: dict[str, Any]) -> Any:
    until = options["until"]
    since = options["since"] or until
    if since is None:
        since = until = _yesterday(options["timezone"])
    return read_ask(
        scope=Scope(everything=True),
        since=since,
        until=until or since,
        zone=options["timezone"],
        channel=options["channel"],
        currency=options["currency"],
        by=tuple(options["by"]),
        least=options["least"],
    )


def _yesterday(zone: str) -> str:
    try:
        now = timezone.localtime(timezone=ZoneInfo(zone))
    except (OSError, ValueError, KeyError):  # the period's own check says what is wrong with it
        now = timezone.localtime()
    return (now - timedelta(days=1)).date().isoformat()
