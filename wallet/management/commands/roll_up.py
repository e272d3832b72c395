from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wallet import totals


class Command(BaseCommand):
    help = "Add the ledger's new entries to the hourly totals behind the home page."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{totals.roll_up()} entries added")
