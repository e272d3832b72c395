"""Killing the worker in the middle of a bulk run: every job is done once all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.utils import timezone

from providers import bulk_runs, tasks
from providers.models import BulkRun, JobAttempt, ProviderAccount, ProvisioningJob
from tests.providers.bulk import ask_for, make_jobs, outcomes
from tests.providers.committed import World, until
from tests.providers.conftest import Service
from tests.providers.worker import Worker

JOBS = 600


@pytest.fixture
def account(committed_db: None, hrg: Service, beiying: Service) -> Iterator[ProviderAccount]:
    """Of a target that staff paused: what is retried waits, and nothing goes out."""
    world = World.create(hrg, beiying)
    player = world.register(1)
    ProvisioningJob.objects.filter(player=player).update(state="cancelled")
    target = world.agent.target
    target.state = "paused"
    target.save()
    yield ProviderAccount.objects.get(player=player, target=target)
    world.end()


@pytest.fixture
def boss(committed_db: None) -> User:
    user, _new = User.objects.get_or_create(username="boss", is_superuser=True, is_staff=True)
    return user


def attempts(run: BulkRun) -> Counter[int]:
    """How often each job of the run was retried."""
    rows = JobAttempt.objects.filter(job__bulk_items__run=run, decision="retried")
    return Counter(rows.values_list("job", flat=True))


def done(run: BulkRun) -> int:
    return outcomes(run).get("done", 0)


def wait_for(run: BulkRun, least: int) -> None:
    assert until(lambda: done(run) >= least, between=0.02)


class TestKillingTheWorkerMidway:
    def test_and_starting_it_again_does_every_job_once(
        self, account: ProviderAccount, boss: User, worker: Worker
    ) -> None:
        run = ask_for(boss, make_jobs(account, JOBS))
        worker.start()
        for least in (50, 250):
            wait_for(run, least)
            worker.kill()
            assert until(lambda: attempts(run).total() == done(run), seconds=5)
            assert least <= done(run) < JOBS
            run.refresh_from_db()
            assert run.state == "running"
            # As if it had been gone for long.
            BulkRun.objects.filter(pk=run.pk).update(lease_until=timezone.now())
            worker.start()
            tasks.sweep()

        assert until(lambda: BulkRun.objects.filter(pk=run.pk, state="done").exists(), seconds=60)
        assert outcomes(run) == {"done": JOBS}
        assert set(attempts(run).values()) == {1}
        assert len(attempts(run)) == JOBS


class TestTwoWorkersAtOnce:
    def test_share_the_jobs_and_do_each_once(
        self, account: ProviderAccount, boss: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_runs, "LEASE", timedelta(seconds=-1))
        run = ask_for(boss, make_jobs(account, 200))

        def work() -> None:
            bulk_runs.work(run_id=run.pk, seconds=60)
            connections.close_all()

        with ThreadPoolExecutor(3) as pool:
            for worker in [pool.submit(work) for _worker in range(3)]:
                worker.result()

        while not BulkRun.objects.filter(pk=run.pk, state="done").exists():
            bulk_runs.work(run_id=run.pk, seconds=60)
        assert outcomes(run) == {"done": 200}
        assert set(attempts(run).values()) == {1}
        assert len(attempts(run)) == 200
