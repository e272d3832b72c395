"""How fast eBET is answered: ``make bench-callbacks SECONDS=30``.

First the load of a busy evening (case F09): 200 messages a second at fixed times, whether or not
the earlier ones have been answered. Then as many as 16 connections can carry, beside two other
servers on the same database in the same run: bare WSGI doing the same statements without a single
check (the limit), and REST framework with its defaults, serializers and the ORM (what people use
instead).
"""

# ruff: noqa: T201

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.bench.database import own_servers

RATE: Final = 200
CONNECTIONS: Final = 16
P99_BOUND_MS: Final = 200


def main() -> int:
    """Start the servers, measure, print the table; 1 when a bound is broken."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with own_servers("callbacks") as directory:
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        return report(seconds, directory)


def report(seconds: int, directory: Path) -> int:
    from tests.bench.callbacks.load import evening, make_players, rush, serve
    from wallet import verification

    people = make_players(100)
    with serve("config.wsgi:application", directory) as address:
        times = evening(address, people, rate=RATE, seconds=seconds)
        ours = rush(address, people, connections=CONNECTIONS, seconds=seconds // 3)
    with serve("tests.bench.callbacks.bare:application", directory) as address:
        limit = rush(address, people, connections=CONNECTIONS, seconds=seconds // 3)
    with serve("tests.bench.callbacks.usual:application", directory) as address:
        usual = rush(address, people, connections=CONNECTIONS, seconds=seconds // 3)
    sound = verification.verify().passed

    print(f"{RATE} messages a second for {seconds} s, half balances, half bets and payouts")
    print(f"  p50 {times.at(50):.1f} ms   p99 {times.at(99):.1f} ms   worst {times.at(100):.1f} ms")
    print(f"  answers that were not 200: {times.errors};  the ledger verifies: {sound}")
    print(f"As many as {CONNECTIONS} connections carry, a second")
    for name, (balances, movements) in {"ours": ours, "bare": limit, "usual": usual}.items():
        print(
            f"  {name:<6} balances {balances:7.0f} ({balances / limit[0]:.2f} of bare)"
            f"   movements {movements:7.0f} ({movements / limit[1]:.2f} of bare)"
        )
    broken = times.at(99) > P99_BOUND_MS or times.errors > 0 or not sound
    print("BOUND BROKEN" if broken else "Within bounds")
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
