from __future__ import annotations

import json
from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from wallet import verification
from wallet.models import Channel


def moment(text: str) -> datetime:
    """A date or a date and time; without an offset in the configured time zone."""
    try:
        value = parse_datetime(text)
        if value is None and (day := parse_date(text)):
            value = datetime(day.year, day.month, day.day)  # noqa: DTZ001  made aware below
    except ValueError:
        value = None
    if value is None:
        raise ArgumentTypeError(f"“{text}” is no moment: write 2026-01-31 or 2026-01-31T12:00")
    return value if timezone.is_aware(value) else timezone.make_aware(value)


class Command(BaseCommand):
    help = "Recompute the whole ledger and print every difference; exits 1 if there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", type=int, help="only the wallets of this channel")
        parser.add_argument("--since", type=moment, help="only wallets that moved since then")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = options["channel"]
        if channel is not None and not Channel.objects.filter(pk=channel).exists():
            raise CommandError(f"There is no channel {channel}.", returncode=2)
        run = verification.verify(
            channel_id=channel, since=options["since"], progress=self._show_progress
        )
        if options["json"]:
            self.stdout.write(json.dumps({"passed": run.passed, **run.report}, ensure_ascii=False))
        else:
            self._print(run.report)
        if not run.passed:
            raise CommandError("The ledger has differences: see above.", returncode=1)

    def _show_progress(self, done: int, total: int, what: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r\033[K{done * 100 // total:3d} % {what}", ending="")
            if done + 1 >= total:
                self.stderr.write("\r\033[K", ending="")
            self.stderr.flush()

    def _print(self, report: dict[str, Any]) -> None:
        for name, count in report["counts"].items():
            self.stdout.write(f"{count:>14,} {name.replace('_', ' ')}")
        for check in report["checks"]:
            verdict = (
                self.style.ERROR(f"{check['differences']:,} differ")
                if check["differences"]
                else self.style.SUCCESS("ok")
            )
            self.stdout.write(f"{check['milliseconds']:>11,} ms {check['check']}: {verdict}")
            for line in check["first"]:
                self.stdout.write(f"               {line}")
