from __future__ import annotations

from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from providers import reconciliation
from wallet.models import Channel, Reconciliation
from wallet.reconciliation import runs

DIFFERENCES: Final = 1
WRONG_REQUEST: Final = 2
NOT_COMPARED: Final = 3


class Command(BaseCommand):
    help = (
        "Compares a channel's day (yesterday, unless told otherwise) with a provider's book and"
        " prints what differs. eBET's records come over its API, or from a CSV file with its member"
        " names as titles. Exit codes: 1 when unresolved differences are left, 2 for a request that"
        " makes no sense, 3 when the day could not be compared."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=Reconciliation.Provider.values)
        parser.add_argument("--channel", type=int, required=True, metavar="N")
        parser.add_argument("--day", metavar="DATE", help="such as 2026-01-31")
        parser.add_argument("--file", type=Path, metavar="CSV", help="eBET's records of the day")
        parser.add_argument(
            "--timezone",
            default=settings.TIME_ZONE,
            help="in which the day is meant (default: %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        run = reconciliation.carry_out(_request(options))
        if run.state != Reconciliation.State.DONE:
            raise CommandError(run.reason, returncode=NOT_COMPARED)
        self.stdout.write(
            f"{run.get_provider_display()}, channel {run.channel_id}, {run.day} ({run.zone}):"
            f" {run.ours} records here, {run.theirs} there"
        )
        still_open = 0
        for item in run.items.order_by("difference", "key"):
            differing = f" ({', '.join(item.differing)})" if item.differing else ""
            resolved = f", resolved: {item.resolution}" if item.resolved_at else ""
            still_open += item.resolved_at is None
            self.stdout.write(
                f"{item.difference}{differing}: {item.key} {item.username}{resolved}".rstrip()
            )
        if still_open:
            raise CommandError(f"{still_open} differences to resolve.", returncode=DIFFERENCES)
        self.stdout.write("No differences to resolve.")


def _request(options: dict[str, Any]) -> Reconciliation:
    channel = Channel.objects.filter(pk=options["channel"]).first()
    if channel is None:
        raise CommandError(f"There is no channel {options['channel']}.", returncode=WRONG_REQUEST)
    path = options["file"]
    if path and options["provider"] != Reconciliation.Provider.EBET:
        raise CommandError("Only eBET's records come from a file.", returncode=WRONG_REQUEST)
    try:
        zone = ZoneInfo(options["timezone"])
        yesterday = timezone.localtime(timezone=zone).date() - timedelta(days=1)
        day = date.fromisoformat(options["day"]) if options["day"] else yesterday
    except (ValueError, LookupError, OSError) as error:
        raise CommandError(f"That is no day: {error}", returncode=WRONG_REQUEST) from error
    try:
        with path.open("rb") if path else nullcontext() as file:
            return runs.request(
                channel=channel,
                provider=options["provider"],
                day=day,
                zone=options["timezone"],
                file=file,
                at_once=True,
            )
    except runs.NotPossible as error:
        raise CommandError(str(error), returncode=WRONG_REQUEST) from error
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror}.", returncode=WRONG_REQUEST
        ) from error
