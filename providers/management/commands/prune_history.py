from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from providers import bulk_runs
from providers.models import JobAttempt, ProvisioningJob
from wallet import retention

SECONDS = 20 * 60


class Command(BaseCommand):
    help = (
        "Deletes sign-ins, sessions, bulk runs and finished jobs' attempts that were kept for"
        " HISTORY_RETENTION_DAYS. The ledger and the audit trail stay. Run by the worker's clock"
        " every night, or by cron."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        deleted = retention.prune(seconds=SECONDS)
        attempts = JobAttempt.objects.filter(
            job__state=ProvisioningJob.State.DONE, at__lt=retention.before()
        )
        for rows in (attempts, *bulk_runs.expired()):
            step = partial(retention.delete_some, rows)
            deleted += retention.in_batches([step], seconds=SECONDS)
        call_command("clearsessions")
        self.stdout.write(f"{deleted} rows deleted")
