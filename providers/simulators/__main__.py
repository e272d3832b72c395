"""Several stand-ins in one process, without Django: what the demo runs.

`python -m providers.simulators --books DIR --channel-key 1:FILE hrg=8091 ebet=8090`
"""

import argparse
import threading
from pathlib import Path

from providers.simulators.beiying import Beiying
from providers.simulators.book import Book
from providers.simulators.ebet import Ebet
from providers.simulators.hrg import Hrg
from providers.simulators.server import serve_forever


def main() -> None:
    """Serve until a signal ends the process."""
    parser = argparse.ArgumentParser(prog="simulators")
    parser.add_argument("--books", type=Path, required=True, help="directory of what they remember")
    parser.add_argument(
        "--channel-key",
        metavar="CHANNEL:PEM_FILE",
        action="append",
        default=[],
        help="a public key, for ebet; once for each channel",
    )
    parser.add_argument("services", nargs="+", metavar="NAME=PORT")
    options = parser.parse_args()
    options.books.mkdir(parents=True, exist_ok=True)
    for service in options.services:
        name, _, port = service.partition("=")
        simulator = {kind.name: kind for kind in (Hrg, Beiying, Ebet)}[name](
            book=Book(options.books / f"{name}.sqlite3")
        )
        if name == "ebet":
            pairs = (pair.partition(":") for pair in options.channel_key)
            simulator.rules["keys"] = {
                channel: Path(path).read_text() for channel, _, path in pairs
            }
        threading.Thread(
            target=serve_forever,
            args=[simulator],
            kwargs={"host": "127.0.0.1", "port": int(port)},
        ).start()


if __name__ == "__main__":
    main()
