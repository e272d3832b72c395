"""What the outbox costs, beside plain Celery tasks: ``make bench-providers JOBS=1000``.

One worker of two processes, a simulator that takes 50 ms for an answer, both candidates in one
run. Then what a sweep and a claim cost with a million finished jobs behind them. Exits with 1
when a bound is broken.
"""

# ruff: noqa: T201

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.bench.database import own_servers

LATENCY_MS: Final = 50
DONE_ROWS: Final = 1_000_000
RATE_BOUND: Final = 0.6  # of the plain tasks' jobs a second
SWEEP_BOUND_MS: Final = 20
REPEATS: Final = 21

FILL: Final = """
INSERT INTO providers_provisioningjob (
    target_id, player_id, channel_id, account_id, kind, options, state, in_doubt, attempts,
    failures, unknowns, code, message, next_attempt_at, created_at, finished_at)
SELECT target_id, player_id, channel_id, account_id, 'fund', '{}', 'done', false, 1, 0, 0, '', '',
       NULL, now() - g * interval '1 s', now() - g * interval '1 s'
  FROM (SELECT * FROM providers_provisioningjob ORDER BY id LIMIT 1) job
 CROSS JOIN generate_series(1, %s::bigint) g
"""


def main() -> int:
    """Start the servers, measure, print the table; 1 when a bound is broken."""
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with own_servers("providers", broker=True) as directory:
        from django.core.management import call_command

        call_command("migrate", database="owner", verbosity=0)
        return report(jobs, directory)


def report(jobs: int, directory: Path) -> int:
    from providers import tasks

    outbox, plain = rates(jobs, directory)
    before, after = sweep_costs()
    print(f"{jobs} jobs, one worker of two processes, {LATENCY_MS} ms a call")
    print(f"  outbox              {outbox:6.1f} jobs/s   {tasks.PUSH_THREADS} threads a process")
    print(f"  plain Celery tasks  {plain:6.1f} jobs/s   ratio {outbox / plain:.2f}")
    print(f"median ms                empty   {DONE_ROWS:,} done")
    for name, cost in before.items():
        print(f"  {name:<21}{cost:7.2f}{after[name]:12.2f}")
    slow = [name for name, cost in after.items() if cost > SWEEP_BOUND_MS]
    if outbox / plain < RATE_BOUND:
        print(f"BOUND BROKEN: less than {RATE_BOUND} of plain tasks")
    for name in slow:
        print(f"BOUND BROKEN: {name} takes more than {SWEEP_BOUND_MS} ms")
    return int(outbox / plain < RATE_BOUND or bool(slow))


def rates(jobs: int, directory: Path) -> tuple[float, float]:
    """Jobs a second over the outbox and without it."""
    from celery import current_app

    from config.embedded.process import Process
    from providers import tasks
    from providers.models import ProvisioningJob
    from providers.simulators.faults import Fault
    from providers.simulators.hrg import Hrg
    from providers.simulators.server import running
    from wallet import players
    from wallet.models import Agent, Channel

    simulator = Hrg()
    simulator.faults.add(Fault(kind="delay", value=LATENCY_MS, times=0))
    with running(simulator) as url:
        channel = Channel.objects.create(id=1, name="Bench", currency="CNY")
        agent = Agent.objects.create(
            channel=channel, agent_id="bench", api_url=url, api_username="b", api_password="b"
        )
        for number in range(jobs):
            players.register(channel=channel, username=f"outbox{number}", agent=agent)
        worker = Process(
            name="worker",
            command=[
                *(sys.executable, "-m", "celery", "--app", "config", "worker"),
                *("--concurrency", "2", "--include", "tests.bench.plain_push"),
                *("--without-gossip", "--without-mingle"),
            ],
            log=directory / "worker.log",
            environment={"PYTHONPATH": str(Path.cwd())},
        )
        try:
            tasks.sweep()

            def all_done() -> bool:
                return not ProvisioningJob.objects.exclude(state="done").exists()

            outbox = jobs / seconds_until(all_done, simulator)
            simulator.book.clear()
            simulator.requests.clear()
            for number in range(jobs):
                current_app.send_task(
                    "bench.plain_push", kwargs={"url": url, "user_id": f"plain{number}"}
                )
            plain = jobs / seconds_until(lambda: len(simulator.requests) >= jobs, simulator)
        finally:
            worker.stop()
    return outbox, plain


def seconds_until(finished: Callable[[], bool], simulator: Any) -> float:
    """From the first call that the simulator sees."""
    deadline = time.monotonic() + 600
    started = 0.0
    while not finished():
        if not started and simulator.requests:
            started = time.monotonic()
        if time.monotonic() > deadline:
            raise SystemExit("The jobs did not finish in ten minutes.")
        time.sleep(0.05)
    return time.monotonic() - started


def sweep_costs() -> tuple[dict[str, float], dict[str, float]]:
    """What the periodic statements cost before and after the table has grown."""
    from django.db import connection, transaction

    from providers import queue, targets
    from providers.models import ProvisioningJob

    target = ProvisioningJob.objects.all()[0].target_id

    def claim_and_roll_back() -> None:
        """Without the disk's part, which is the same however long the table is."""
        with transaction.atomic():
            claimed = queue.claim(target_id=target)
            assert isinstance(claimed, queue.Claim)
            transaction.set_rollback(True)

    steps: dict[str, Callable[[], object]] = {
        "look for due targets": queue.due_targets,
        "take back leases": queue.expire_leases,
        "free what is stranded": queue.free_stranded,
        "look for probes": targets.due_probes,
        "claim a job": claim_and_roll_back,
    }

    def measure() -> dict[str, float]:
        return {name: median_ms(step) for name, step in steps.items()}

    ProvisioningJob.objects.update(state="pending", next_attempt_at="2020-01-01T00:00:00Z")
    before = measure()
    with connection.cursor() as cursor:
        cursor.execute(FILL, [DONE_ROWS])
        cursor.execute("ANALYZE providers_provisioningjob")
    return before, measure()


def median_ms(step: Callable[[], object]) -> float:
    durations = []
    for _repeat in range(REPEATS):
        started = time.perf_counter()
        step()
        durations.append((time.perf_counter() - started) * 1000)
    return sorted(durations)[REPEATS // 2]


if __name__ == "__main__":
    sys.exit(main())
