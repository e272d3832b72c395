from __future__ import annotations

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
        attempts = JobAttempt.objects.filter(
            job__state=ProvisioningJob.State.DONE, at__lt=retention.before()
        )
        deleted = retention.prune(attempts, *bulk_runs.expired(), seconds=SECONDS)
        call_command("clearsessions")
        self.stdout.write(f"{deleted} rows deleted")
