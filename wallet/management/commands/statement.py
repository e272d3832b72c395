from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from wallet.exports.periods import BadPeriod, Period, parse_period
from wallet.exports.whole_files import whole_file
from wallet.models import Agent, Player
from wallet.statements.accounts import (
    Statement,
    StatementTooLong,
    agent_statement,
    player_statement,
)
from wallet.statements.pdf import write_pdf
from wallet.statements.workbook import write_workbook

WRONG_REQUEST: Final = 2
NOT_WRITTEN: Final = 3
WRITERS: Final = {"pdf": write_pdf, "xlsx": write_workbook}


class Command(BaseCommand):
    help = (
        "Writes the statement of a player, or of an agent with those below, for a period: as PDF or"
        " Excel workbook, with opening and closing balance. Exit codes: 2 for a request that makes"
        " no sense, 3 when the file cannot be written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--channel", type=int, required=True, metavar="N")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--player", metavar="USERNAME")
        whose.add_argument("--agent", metavar="ID")
        parser.add_argument("--from", dest="since", required=True, metavar="DATE")
        parser.add_argument(
            "--to",
            dest="until",
            required=True,
            metavar="DATE",
            help="a date includes that whole day; a time is exclusive",
        )
        parser.add_argument("--timezone", default=settings.TIME_ZONE)
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default="en")
        parser.add_argument("--format", choices=sorted(WRITERS), default="pdf")
        parser.add_argument("--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["output"]
        with translation.override(options["language"]):
            try:
                period = parse_period(
                    since=options["since"], until=options["until"], zone=options["timezone"]
                )
                statement = _statement(options, period)
            except (BadPeriod, StatementTooLong) as error:
                raise CommandError(str(error), returncode=WRONG_REQUEST) from error
            try:
                with whole_file(path) as file:
                    WRITERS[options["format"]](file, statement)
            except OSError as error:
                raise CommandError(
                    f"{path} cannot be written: {error.strerror}.", returncode=NOT_WRITTEN
                ) from error
        self.stdout.write(f"{path} is written.")


def _statement(options: dict[str, Any], period: Period) -> Statement:
    channel = options["channel"]
    if options["player"]:
        player = Player.objects.filter(channel=channel, username=options["player"].lower())
        for found in player.select_related("channel"):
            return player_statement(player=found, period=period)
    else:
        agents = Agent.objects.filter(channel=channel, agent_id=options["agent"])
        for agent in agents.select_related("channel"):
            return agent_statement(agent=agent, period=period)
    whose = options["player"] or options["agent"]
    raise CommandError(f"Channel {channel} has no “{whose}”.", returncode=WRONG_REQUEST)
