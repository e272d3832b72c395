"""What proving the ledger costs, beside the sum of every wallet's amounts."""

# ruff: noqa: T201

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from statistics import median
from typing import Any

from config.embedded.paths import EmbeddedPaths
from tests.bench.ledger import site

AIM = 4
BLOCK = 10  # entries of each wallet in one transaction: a seal's worth
# Nothing may be left out of it: a sum that nobody reads, PostgreSQL does not compute.
SUM = "SELECT wallet_id, sum(amount) FROM wallet_ledgerentry GROUP BY wallet_id"
# Bets and payouts in turns, two in a hundred refused, one refunded; without the triggers that make
# each entry safe and slow.
FILL = """
INSERT INTO wallet_ledgerentry (
    id, channel_id, player_id, wallet_id, house_account_id, kind, outcome, code, requested, amount,
    currency, balance_after, sequence, source, reference, round_code, reverses_id, reason,
    occurred_at, posted_at)
SELECT n::bigint * 1000000 + w.id, w.channel_id, w.player_id, w.id, h.id,
       CASE WHEN refund THEN 'refund' WHEN requested > 0 THEN 'payout' ELSE 'bet' END,
       CASE WHEN refused THEN 'refused' ELSE 'applied' END,
       CASE WHEN refused THEN 'stake_refunded' ELSE '' END,
       requested, CASE WHEN refused THEN 0 ELSE requested END, w.currency,
       w.balance + CASE WHEN refused THEN 0 ELSE least(requested, 0) END, w.version + n, 'bulk',
       w.id || ':' || n, 'r' || w.id || ':' || (n + 1) / 2,
       CASE WHEN refund THEN (n - 1)::bigint * 1000000 + w.id END, '', clock_timestamp(),
       clock_timestamp()
  FROM generate_series(%(first)s::int, %(last)s::int) n
 CROSS JOIN wallet_wallet w
 CROSS JOIN LATERAL (SELECT CASE mod(n, 2) WHEN 1 THEN -1.5 ELSE 1.5 END AS requested,
                            mod(n + 2 * w.id, 100) IN (25, 26) AS refused,
                            mod(n + 2 * w.id, 100) = 0 AS refund) a
  JOIN wallet_houseaccount h ON h.channel_id = w.channel_id AND h.role = 'clearing'
 ORDER BY n, w.id
"""


def measure(paths: EmbeddedPaths, entries: int) -> dict[str, Any]:
    """Seconds, ratios to the sum, and the memory that Python needed at most."""
    each = entries // site.WALLETS // BLOCK * BLOCK
    with site.connect(paths) as connection:
        connection.execute(
            "INSERT INTO wallet_houseaccount (channel_id, currency, role)"
            " VALUES (1, 'CNY', 'clearing') ON CONFLICT DO NOTHING"
        )
        began = time.monotonic()
        connection.execute("SET session_replication_role = replica")
        for first in range(1, each, BLOCK):
            connection.execute(FILL, {"first": first, "last": first + BLOCK - 1})
        connection.execute("UPDATE wallet_wallet SET version = version + %s", [each])
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        print(f"\n{each * site.WALLETS:,} entries written in {time.monotonic() - began:.0f} s")

        def timed_sum() -> float:
            start = time.perf_counter()
            connection.execute(SUM)
            return time.perf_counter() - start

        run("roll_up")
        timed_sum()
        pairs = [(timed_sum(), run("verify")) for _ in range(3)]
        sealing = run("seal")
        sealed = (timed_sum(), run("verify"))
    base = median(seconds for seconds, _ in pairs)
    plain = median(verified["seconds"] for _, verified in pairs)
    ratio = median(verified["seconds"] / seconds for seconds, verified in pairs)
    report = {
        "entries": each * site.WALLETS,
        "sum_seconds": round(base, 2),
        "verify_seconds": round(plain, 2),
        "verify_to_sum": round(ratio, 2),
        "seal_seconds": round(sealing["seconds"], 2),
        "sealed_sum_seconds": round(sealed[0], 2),
        "sealed_verify_seconds": round(sealed[1]["seconds"], 2),
        "sealed_verify_to_sum": round(sealed[1]["seconds"] / sealed[0], 2),
        "python_megabytes": round(sealed[1]["megabytes"], 1),
        "python_megabytes_more_than_before": round(sealed[1]["more"], 1),
    }
    for name, value in report.items():
        print(f"{name.replace('_', ' '):40}{value:>14,}")
    for check, milliseconds in sealed[1]["checks"].items():
        print(f"{milliseconds:>10,} ms {check}")
    report["checks"] = sealed[1]["checks"]
    print(f"aim for verify to sum: at most {AIM}{'' if ratio <= AIM else '   MISSED'}")
    return report


def run(task: str) -> dict[str, Any]:
    """Roll up, seal or verify in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.ledger.proof", task],
        cwd=site.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main(task: str) -> None:
    import django

    django.setup()
    from django.db import connection

    from wallet import seals, totals
    from wallet.verification import verify

    connection.ensure_connection()
    checks: dict[str, int] = {}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    if task == "seal":
        seals.seal()
    elif task == "roll_up":
        totals.roll_up()
    else:
        run = verify()
        assert run.passed, run.report
        checks = {check["check"]: check["milliseconds"] for check in run.report["checks"]}
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {
                "checks": checks,
                "seconds": seconds,
                "megabytes": peak / 1024,
                "more": (peak - before) / 1024,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
