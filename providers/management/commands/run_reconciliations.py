from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from providers import reconciliation


class Command(BaseCommand):
    help = (
        "Carries out the reconciliations that staff asked for, one after the other. Run every few"
        " seconds by the worker's clock, or by cron."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reconciliation.run_waiting()} reconciliations were run.")
