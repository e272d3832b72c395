from __future__ import annotations

import os
import random
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from callbacks.ebet_player.client import EbetClient, NoAnswer
from callbacks.ebet_player.game import Game
from callbacks.ebet_player.visit import Visitor, visit
from callbacks.redaction import redacted
from wallet.models import Channel


class Command(BaseCommand):
    help = (
        "Plays eBET against the running server. Without --rounds: logs one player in three ways,"
        " asks for the balance and sends a callback, printing every message. With --rounds: plays"
        " games with many players and compares every balance with its own book at the end. Exits"
        " non-zero when an answer or a balance is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default=f"http://127.0.0.1:{os.environ.get('PORT', '8000')}")
        parser.add_argument("--channel", type=int, default=1)
        parser.add_argument(
            "--key",
            type=Path,
            default=settings.VAR_DIR / "demo" / "ebet.pem",
            help="the channel's private key (PEM); the demo's own by default",
        )
        parser.add_argument("--username", default="demo")
        parser.add_argument("--password", default="hidden")
        parser.add_argument("--token", default="584c26e798deffc96cc7af073c184cd0")
        parser.add_argument("--rounds", type=int, default=0, help="rounds to play")
        parser.add_argument("--players", type=int, default=20)
        parser.add_argument("--concurrency", type=int, default=8)
        parser.add_argument(
            "--faults",
            action="store_true",
            help="resend, reorder, drop answers, forge and overspend as well",
        )
        parser.add_argument("--seed", type=int, help="play the same games again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            private_pem = options["key"].read_text()
        except OSError as error:
            raise CommandError(f"The key cannot be read: {error}") from error
        client = EbetClient(
            base_url=options["url"], channel_id=options["channel"], private_pem=private_pem
        )
        with closing(client):
            if options["rounds"]:
                self._play(client, options)
            else:
                self._visit(client, options)

    def _visit(self, client: EbetClient, options: dict[str, Any]) -> None:
        visitor = Visitor(options["username"], options["password"], options["token"])
        wrong = 0
        for step in visit(client, visitor):
            self.stdout.write(self.style.MIGRATE_HEADING(f"{step.title}: POST /{step.event}"))
            self.stdout.write(f"  > {redacted(step.message)}")
            if step.answer is not None:
                self.stdout.write(f"  < {redacted(step.answer.members)}")
            for fault in step.faults:
                self.stdout.write(self.style.ERROR(f"  wrong: {fault}"))
            wrong += bool(step.faults)
        if wrong:
            raise CommandError(f"{wrong} answers were wrong.")
        self.stdout.write(self.style.SUCCESS("Every answer was right."))

    def _play(self, client: EbetClient, options: dict[str, Any]) -> None:
        if not settings.EMBEDDED:
            raise CommandError("Rounds move players' money: they are played in the demo only.")
        channel = Channel.objects.filter(pk=options["channel"]).first()
        if channel is None:
            raise CommandError(f"There is no channel {options['channel']}.")
        seed = random.randrange(10**6) if options["seed"] is None else options["seed"]  # noqa: S311
        game = Game(
            client=client,
            channel=channel,
            size=options["players"],
            faults=options["faults"],
            seed=seed,
        )
        self.stdout.write(f"Playing {options['rounds']} rounds with seed {seed}.")
        if not game.size:
            raise CommandError("The channel has no active player to play with.")
        try:
            game.play(rounds=options["rounds"], concurrency=options["concurrency"])
        except NoAnswer as error:
            raise CommandError(f"The server does not answer: {error}") from error
        for name, count in sorted(game.counts.items()):
            self.stdout.write(f"{count:>8}  {name}")
        for fault in game.wrong:
            self.stdout.write(self.style.ERROR(f"wrong: {fault}"))
        if game.wrong:
            raise CommandError(f"{len(game.wrong)} answers or balances were wrong.")
        self.stdout.write(
            self.style.SUCCESS(
                f"{game.size} players: the balances that were told, those of the ledger and"
                " those of eBET's own book agree."
            )
        )
