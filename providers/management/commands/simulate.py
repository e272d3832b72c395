"""Run the stand-in of one outside service."""

import sqlite3
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from providers.simulators.beiying import Beiying
from providers.simulators.book import Book
from providers.simulators.ebet import Ebet
from providers.simulators.hrg import Hrg
from providers.simulators.server import Simulator, serve_forever

SIMULATORS: Final[dict[str, type[Simulator]]] = {
    simulator.name: simulator for simulator in (Hrg, Beiying, Ebet)
}


class Command(BaseCommand):
    """`manage.py simulate hrg --port 8091`; control paths are under /_control/."""

    help = "Serves a stand-in of hrg, beiying or ebet over HTTP, with scripted faults."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("service", choices=sorted(SIMULATORS))
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, help="0: any that is free")
        parser.add_argument("--book", type=Path, help="file that keeps the book between runs")
        parser.add_argument(
            "--key",
            action="append",
            default=[],
            metavar="ID:SECRET",
            help="an accepted credential (hrg, beiying); without any, every credential is",
        )
        parser.add_argument(
            "--channel-key",
            action="append",
            default=[],
            metavar="CHANNEL:PEM_FILE",
            help="a channel's public key (ebet)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        simulator = SIMULATORS[options["service"]](book=_book(options["book"]))
        for_ebet = simulator.name == Ebet.name
        if options["key" if for_ebet else "channel_key"]:
            raise CommandError(_("--key is for hrg and beiying, --channel-key for ebet."))
        if options["key"]:
            simulator.rules["keys"] = dict(_pair(text) for text in options["key"])
        if options["channel_key"]:
            simulator.rules["keys"] = {
                channel: _read(path) for channel, path in map(_pair, options["channel_key"])
            }
        host = options["host"]
        port = simulator.default_port if options["port"] is None else options["port"]
        try:
            serve_forever(simulator, host=host, port=port, ready=self._say)
        except OverflowError as error:
            raise CommandError(_("There is no port %d: 0 to 65535.") % port) from error
        except OSError as error:
            raise CommandError(
                _("Cannot listen on %s, port %d: %s.") % (host, port, error.strerror)
            ) from error
        except KeyboardInterrupt:
            return

    def _say(self, address: str) -> None:
        self.stdout.write(f"The simulator listens on {address}; steer it under {address}/_control/")


def _book(path: Path | None) -> Book:
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        return Book(path)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(_("Cannot keep a book in %s: %s") % (path, error)) from error


def _pair(text: str) -> tuple[str, str]:
    identity, colon, secret = text.partition(":")
    if not colon:
        raise CommandError(_("“%s” is not ID:VALUE.") % text)
    return identity, secret


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError as error:
        raise CommandError(_("Cannot read %s: %s") % (path, error.strerror)) from error
