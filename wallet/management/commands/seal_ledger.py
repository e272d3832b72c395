from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from wallet import seals


class Command(BaseCommand):
    help = "Seal the ledger's closed entries with SHA-256, chained to the seal before."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{seals.seal()} entries sealed")
