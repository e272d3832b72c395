"""Movements per second, side by side: ``make bench-ledger ARGS="--rounds 3 --seconds 2"``.

Every contestant runs on one server with fsync on, in turns, several rounds; the table shows
medians, and each as a part of the limit: the least durable work that moves money once. The
processor time per movement, of server and clients together, hardly depends on what else the
machine does. A measurement, not a test: aims that are missed are marked, and the exit code is 0.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.bench.ledger import proof, site

THROUGH_DJANGO = ("wallet.ledger.post", "ORM", "django-hordak", "hordak, unguarded")
NAMES = ("limit", "ledger_post", *THROUGH_DJANGO)
PROCESSES = (1, 4, 16)


@dataclass(frozen=True)
class Measured:
    per_second: float
    cpu: float  # microseconds of processor time per movement, of server and clients together


Results = dict[tuple[str, int, bool], list[Measured]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement")
    parser.add_argument("--entries", type=int, default=10_000_000, help="to verify; 0 for none")
    options = parser.parse_args()
    report: dict[str, Any] = {
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, load {os.getloadavg()[0]:.1f}",
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    with site.running() as place:
        site.fill()
        results = measure(place, options.rounds, options.seconds)
        report["movements"] = table(results)
        if options.entries:
            report["verify_ledger"] = proof.measure(place.paths, options.entries)
    report["load_at_the_end"] = os.getloadavg()[0]
    file = site.ROOT / "var" / "bench-ledger.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(report, indent=2))
    print(f"\n{report['machine']}, {report['load_at_the_end']:.1f} at the end. See {file}")


def measure(place: site.Site, rounds: int, seconds: int) -> Results:
    workers = [site.start_worker() for _ in range(max(PROCESSES))] if rounds else []
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n", "a worker did not start"
    results: Results = defaultdict(list)
    for _ in range(rounds):
        for processes in PROCESSES:
            for hot in (False, True):
                for name in NAMES:
                    busy = [worker.pid for worker in workers]
                    before = place.cpu(busy)
                    if name in THROUGH_DJANGO:
                        speed = through_django(workers[:processes], name, hot, seconds)
                    else:
                        speed = through_pgbench(place, name, processes, hot, seconds)
                    used = place.cpu(busy) - before
                    measured = Measured(speed, used / (speed * seconds) * 1e6)
                    results[name, processes, hot].append(measured)
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
        worker.wait()
    return results


def through_pgbench(place: site.Site, name: str, clients: int, hot: bool, seconds: int) -> float:
    script, role = {
        "limit": (site.LIMIT, "owner"),
        "ledger_post": (site.FUNCTION, "default"),
    }[name]
    return site.pgbench(place.paths, script, role, clients=clients, hot=hot, seconds=seconds)


def through_django(
    workers: list[subprocess.Popen[str]], name: str, hot: bool, seconds: int
) -> float:
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(json.dumps([name, hot, seconds]) + "\n")
        worker.stdin.flush()
    return sum(int(worker.stdout.readline()) for worker in workers if worker.stdout) / seconds


def table(results: Results) -> list[dict[str, Any]]:
    """Print the medians and their ratios; return them."""
    rows = []
    print(
        f"{'':20}{'processes':>10}{'wallet':>8}{'moves/s':>9}{'of limit':>9}{'CPU':>11}"
        f"{'of limit':>9}   of limit in each round"
    )
    for (name, processes, hot), measured in results.items():
        limits = results["limit", processes, hot]
        ratios = [
            m.per_second / limit.per_second for m, limit in zip(measured, limits, strict=True)
        ]
        cpu = median(m.cpu for m in measured)
        row = {
            "name": name,
            "processes": processes,
            "hot": hot,
            "per_second": round(median(m.per_second for m in measured)),
            "of_limit": round(median(ratios), 2),
            "cpu_microseconds": round(cpu),
            "cpu_of_limit": round(cpu / median(limit.cpu for limit in limits), 2),
            "ratios": [round(ratio, 2) for ratio in ratios],
        }
        rows.append(row)
        print(
            f"{name:20}{processes:>10}{'hot' if hot else 'random':>8}{row['per_second']:>9,}"
            f"{row['of_limit']:>9}{row['cpu_microseconds']:>8,} µs{row['cpu_of_limit']:>9}"
            f"   {row['ratios']}"
        )
    if rows:
        print_aims(results)
    return rows


def print_aims(results: Results) -> None:
    def ratio(one: str, other: str, processes: int, *, hot: bool = False) -> float:
        pairs = zip(results[one, processes, hot], results[other, processes, hot], strict=True)
        return median(a.per_second / b.per_second for a, b in pairs)

    ours = "wallet.ledger.post"
    print()
    for text, value, aim in (
        ("ledger_post in pgbench, 4 clients, of the limit", ratio("ledger_post", "limit", 4), 0.65),
        ("through Django, 4 processes, of the limit", ratio(ours, "limit", 4), 0.45),
        ("through Django, 4 processes, of the ORM version", ratio(ours, "ORM", 4), 3),
        ("through Django, 4 processes, of django-hordak", ratio(ours, "django-hordak", 4), 5),
        (
            "ledger_post, hot wallet, 4 clients, of the limit",
            ratio("ledger_post", "limit", 4, hot=True),
            0.6,
        ),
    ):
        print(f"{text:52}{value:>7.2f}   aim {aim}{'' if value >= aim else '   MISSED'}")


if __name__ == "__main__":
    main()
