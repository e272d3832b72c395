from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wallet.exports import delivery, files, jobs, schedules


class Command(BaseCommand):
    help = (
        "Asks for the scheduled exports that are due, makes those that wait, one after the other,"
        " delivers those that belong into the store, and deletes files that were kept long enough."
        " Run every few seconds by the worker's clock, or by cron."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        schedules.request_due()
        made, delivered, expired = jobs.run_due(), delivery.deliver_due(), files.expire()
        self.stdout.write(
            f"{made} exports were run, {delivered} were delivered, {expired} files were deleted."
        )
