"""One operation on thousands of jobs: each done once, and only while whoever asked may."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.utils import timezone

from providers import bulk_runs, dispatch, operations, tasks
from providers.models import BulkRun, BulkRunItem, JobAttempt, ProviderAccount, ProvisioningJob
from tests.providers.bulk import CANCEL, RETRY, State, ask_for, make_jobs, outcomes, work

pytestmark = pytest.mark.django_db


class TestARunOfTwoThousandJobs:
    def test_does_each_of_them_once_and_says_who_and_why(
        self, account: ProviderAccount, olga: User
    ) -> None:
        jobs = make_jobs(account, 2000, in_doubt=True, failures=6)
        run = ask_for(olga, jobs)
        assert (run.state, run.total, run.channels) == ("queued", 2000, [account.channel_id])

        work(run)

        assert (run.state, outcomes(run)) == ("done", {"done": 2000})
        assert run.finished_at is not None
        notes = JobAttempt.objects.values_list("job", "decision", "note", "actor")
        assert sorted(notes) == sorted(
            (job.pk, "retried", "they are back", olga.pk) for job in jobs
        )
        due = ProvisioningJob.objects.filter(state=State.UNKNOWN, failures=0)
        assert due.filter(next_attempt_at__lte=timezone.now()).count() == 2000
        said = f"Retry jobs (bulk run {run.pk})"
        assert LogEntry.objects.filter(user=olga, change_message=said).count() == 2000

    def test_hints_at_a_target_once_for_many(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[Any] = []
        monkeypatch.setattr(dispatch, "_send", lambda *names, **values: sent.append(values))
        with dispatch.one_hint_each():
            for _job in range(50):
                dispatch.hint(target_id=account.target_id)
            assert sent == []

        assert sent == [{"target_id": account.target_id}]

    def test_leaves_the_worker_to_others_after_a_while(
        self, account: ProviderAccount, olga: User
    ) -> None:
        run = ask_for(olga, make_jobs(account, 120))

        lease = bulk_runs.work(run_id=run.pk, seconds=0)

        assert lease is not None
        assert outcomes(run) == {"done": 50, "waiting": 70}
        assert bulk_runs.work(run_id=run.pk, seconds=60) is None  # it is another worker's
        assert outcomes(run) == {"done": 50, "waiting": 70}
        assert bulk_runs.work(run_id=run.pk, seconds=60, lease=lease) is None
        assert outcomes(run) == {"done": 120}


class TestWhatAJobRefuses:
    def test_stops_none_of_the_others_and_says_why(
        self, account: ProviderAccount, olga: User
    ) -> None:
        first, at_work, finished, last = make_jobs(account, 4, state=State.REFUSED)
        ProvisioningJob.objects.filter(pk=at_work.pk).update(
            state=State.SENDING, lease_until=timezone.now()
        )
        ProvisioningJob.objects.filter(pk=finished.pk).update(state=State.DONE)
        run = ask_for(olga, [first, at_work, finished, last], CANCEL)

        work(run)

        assert run.state == "done"
        assert list(run.items.order_by("pk").values_list("job", "outcome", "reason")) == [
            (first.pk, "done", ""),
            (at_work.pk, "refused", "The job is sending."),
            (finished.pk, "refused", "The job is done."),
            (last.pk, "done", ""),
        ]
        assert JobAttempt.objects.count() == 2
        assert LogEntry.objects.filter(object_id=str(finished.pk)).count() == 0

    def test_by_a_fault_of_ours_undoes_that_job_alone(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, broken, last = make_jobs(account, 3)

        def retry(*, job_id: int, **values: Any) -> None:
            operations.retry(job_id=job_id, **values)
            if job_id == broken.pk:
                raise ZeroDivisionError

        monkeypatch.setitem(bulk_runs._OPERATIONS, RETRY, retry)
        run = ask_for(olga, [first, broken, last])

        work(run)

        assert outcomes(run) == {"done": 2, "refused": 1}
        assert run.items.get(job=broken).reason.endswith("see the log.")
        assert broken.history.count() == 0
        broken.refresh_from_db()
        assert broken.next_attempt_at is None

    def test_is_not_half_done_where_its_outcome_cannot_be_written(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def die(*names: Any, **values: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(BulkRunItem, "save", die)
        (job,) = make_jobs(account, 1)
        run = ask_for(olga, [job])

        with pytest.raises(KeyboardInterrupt):
            work(run)

        assert outcomes(run) == {"waiting": 1}
        assert job.history.count() == 0

    def test_is_said_in_the_language_of_who_asked(
        self, account: ProviderAccount, olga: User
    ) -> None:
        (job,) = make_jobs(account, 1, state=State.DONE)
        run = ask_for(olga, [job])
        BulkRun.objects.update(language="zh-hans")

        work(run)

        assert run.items.get().reason == "任务状态为“已完成”。"


class TestConfirming:
    def test_twice_does_it_once(self, account: ProviderAccount, olga: User) -> None:
        run = ask_for(olga, make_jobs(account, 3))
        assert not bulk_runs.confirm(run_id=run.pk, user=olga, reason="again")
        work(run)
        assert not bulk_runs.confirm(run_id=run.pk, user=olga, reason="again")
        work(run)
        assert (run.state, run.reason) == ("done", "they are back")
        assert JobAttempt.objects.count() == 3

    def test_somebody_elses_draft_is_not_possible(
        self, account: ProviderAccount, olga: User, admin_id: int
    ) -> None:
        make_jobs(account, 1)
        run = bulk_runs.draft(
            user=olga, operation=RETRY, jobs=ProvisioningJob.objects.all(), language="en"
        )
        boss = User.objects.get(pk=admin_id)
        assert not bulk_runs.confirm(run_id=run.pk, user=boss, reason="mine now")
        work(run)
        assert (run.state, outcomes(run)) == ("draft", {"waiting": 1})

    def test_an_old_draft_is_not_possible(self, account: ProviderAccount, olga: User) -> None:
        make_jobs(account, 1)
        run = bulk_runs.draft(
            user=olga, operation=RETRY, jobs=ProvisioningJob.objects.all(), language="en"
        )
        BulkRun.objects.update(requested_at=timezone.now() - bulk_runs.DRAFT_KEPT)

        assert not bulk_runs.confirm(run_id=run.pk, user=olga, reason="late")
        work(run)
        assert (run.state, outcomes(run)) == ("draft", {"waiting": 1})

    def test_too_many_is_refused_and_leaves_nothing(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_runs, "MOST", 1_999)
        make_jobs(account, 2000)
        jobs = ProvisioningJob.objects.all()
        with pytest.raises(bulk_runs.TooMany, match="At most 1,999 jobs at once"):
            bulk_runs.draft(user=olga, operation=RETRY, jobs=jobs, language="en")
        with pytest.raises(bulk_runs.NothingChosen):
            bulk_runs.draft(user=olga, operation=RETRY, jobs=jobs.none(), language="en")
        with pytest.raises(bulk_runs.NothingChosen):
            bulk_runs.draft(user=olga, operation=RETRY, jobs=jobs.filter(pk=0), language="en")
        assert not BulkRun.objects.exists()


class TestStopping:
    def test_midway_leaves_the_rest_as_it_was(self, account: ProviderAccount, olga: User) -> None:
        run = ask_for(olga, make_jobs(account, 60))
        lease = bulk_runs.work(run_id=run.pk, seconds=0)

        bulk_runs.stop(run_id=run.pk, user=olga)

        assert bulk_runs.work(run_id=run.pk, seconds=60, lease=lease) is None
        run.refresh_from_db()
        assert (run.state, run.stopped_by, outcomes(run)) == (
            "stopped",
            olga,
            {"done": 50, "waiting": 10},
        )
        assert JobAttempt.objects.count() == 50
        assert bulk_runs.due() == []

    def test_in_the_middle_of_a_batch_is_heeded_at_the_next_job(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        run = ask_for(olga, make_jobs(account, 10))

        def retry(**values: Any) -> None:
            operations.retry(**values)
            if JobAttempt.objects.count() == 3:
                bulk_runs.stop(run_id=run.pk, user=olga)

        monkeypatch.setitem(bulk_runs._OPERATIONS, RETRY, retry)

        work(run)

        assert (run.state, outcomes(run)) == ("stopped", {"done": 3, "waiting": 7})

    def test_what_has_ended_is_refused(self, account: ProviderAccount, olga: User) -> None:
        run = ask_for(olga, make_jobs(account, 1))
        work(run)
        with pytest.raises(bulk_runs.Ended):
            bulk_runs.stop(run_id=run.pk, user=olga)
        run.refresh_from_db()
        assert (run.state, run.stopped_by) == ("done", None)


class TestTheSweep:
    def test_finds_runs_that_nobody_works_on(
        self, account: ProviderAccount, olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hinted: list[int] = []
        monkeypatch.setattr(
            dispatch, "hint_run", lambda *, run_id, lease=None: hinted.append(run_id)
        )
        forgotten, at_work, lost = (ask_for(olga, make_jobs(account, 1)) for _ in range(3))
        later = timezone.now() + bulk_runs.LEASE
        BulkRun.objects.filter(pk=at_work.pk).update(state="running", lease_until=later)
        BulkRun.objects.filter(pk=lost.pk).update(state="running", lease_until=timezone.now())

        assert tasks.sweep()["runs"] == 2

        assert hinted == [forgotten.pk, lost.pk]
