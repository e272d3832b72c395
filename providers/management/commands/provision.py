from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from psycopg.errors import UndefinedTable

from providers.onboarding import SECTIONS
from wallet.provisioning import ProvisioningFailed, provision


class Command(BaseCommand):
    help = (
        "Creates or updates the channels, agents, Beiying sites, players and staff that a JSON"
        " file describes, all or nothing. What the file leaves out keeps its value; balances of"
        " existing wallets are never touched; tokens and sessions are added. Key files are found"
        " relative to the file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = provision(options["file"], SECTIONS)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable):
                raise
            raise CommandError(
                "The database has no tables yet: run `make run` or `manage.py migrate` first."
            ) from error
        except ProvisioningFailed as error:
            raise CommandError(
                f"Nothing was changed. {len(error.problems)} to put right:\n{error}"
            ) from error
        for line in report.lines():
            self.stdout.write(line)
