"""Bulk runs: watched, stopped, told of on the pages of their jobs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from providers import bulk_runs
from providers.models import ProvisioningJob
from tests.admin.bulk import (
    RUNS,
    address,
    asked_by,
    colleague,
    signed_in,
)
from tests.admin.world import World, staff
from tests.providers.bulk import ask_for, make_jobs, outcomes
from wallet.models import StaffScope


@pytest.fixture
def olga(world: World) -> User:
    return world.roles["Operations"]


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in(olga)


class TestWatching:
    def test_goes_on_when_the_items_have_been_forgotten(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world, 1)
        bulk_runs.work(run_id=run.pk, seconds=60)
        run.items.all().delete()

        assert client.get(address(run, "change")).status_code == 200
        assert client.get(address(run, "progress")).status_code == 200

    def test_asks_again_until_the_run_has_ended(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world, 60)
        lease = bulk_runs.work(run_id=run.pk, seconds=0)
        progress = address(run, "progress")

        running = client.get(progress)

        assert "HX-Refresh" not in running.headers
        assert f'hx-get="{progress}"' in running.content.decode()
        assert "50 done" in running.content.decode()
        assert "10 waiting" in running.content.decode()
        assert "83 %" in running.content.decode()

        bulk_runs.work(run_id=run.pk, seconds=60, lease=lease)
        ended = client.get(progress)

        assert ended.headers["HX-Refresh"] == "true"
        assert "hx-get" not in ended.content.decode()
        assert "100 %" in ended.content.decode()
        assert progress not in client.get(address(run, "change")).content.decode()

    def test_names_the_refused_first_and_pages_through_them(
        self, world: World, client: Client, olga: User
    ) -> None:
        jobs = make_jobs(world.here.account, 33)
        ProvisioningJob.objects.filter(pk__in=[job.pk for job in jobs[:30]]).update(state="done")
        run = ask_for(olga, jobs)
        bulk_runs.work(run_id=run.pk, seconds=60)

        page = client.get(address(run, "change"))

        assert page.context["outcomes"] == [("refused", "refused", 30), ("done", "done", 3)]
        table = page.context["table"]
        assert len(table.rows) == 25
        assert {row[5] for row in table.rows} == {'<span class="remark">The job is done.</span>'}
        older = client.get(address(run, "change") + table.older)
        assert len(older.context["table"].rows) == 5
        done = client.get(address(run, "change") + "?outcome=done")
        assert len(done.context["table"].rows) == 3

    def test_in_the_list_counts_what_came_of_the_jobs(
        self, world: World, client: Client, olga: User
    ) -> None:
        jobs = make_jobs(world.here.account, 60)
        ProvisioningJob.objects.filter(pk=jobs[0].pk).update(state="done")
        run = ask_for(olga, jobs)
        bulk_runs.work(run_id=run.pk, seconds=0)

        page = client.get(f"{RUNS}?state__exact=running")

        [row] = [row for row in page.context["cl"].result_list if row.pk == run.pk]
        admin = page.context["cl"].model_admin
        assert (row.total, admin.done(row), admin.refused(row)) == (60, 49, 1)

    def test_is_possible_for_who_asked_and_who_sees_its_channels_whole(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world)
        both = ask_for(
            world.superuser,
            [*make_jobs(world.here.account, 1), *make_jobs(world.elsewhere.account, 1)],
        )
        wide = staff("wide", role="Auditor")
        for side in (world.here, world.elsewhere):
            StaffScope.objects.create(user=wide, channel=side.channel)

        def seen(user: User) -> set[int]:
            rows = signed_in(user).get(RUNS).context["cl"].result_list
            return {row.pk for row in rows} & {run.pk, both.pk}

        assert seen(olga) == {run.pk}
        assert seen(world.roles["Auditor"]) == {run.pk}
        assert seen(world.superuser) == seen(wide) == {run.pk, both.pk}
        assert seen(world.part) == seen(world.stranger) == set()
        for view in ("change", "progress"):
            answer = signed_in(world.part).get(address(run, view))
            assert answer.status_code in (302, 404)

    def test_shows_no_job_that_the_asker_may_no_longer_see(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world)
        StaffScope.objects.filter(user=olga).delete()

        page = client.get(address(run, "change"))

        assert page.context["table"].rows == []
        assert world.here.player.username not in page.content.decode()


class TestStopping:
    def test_leaves_the_rest_undone(self, world: World, client: Client, olga: User) -> None:
        run = asked_by(olga, world)

        client.post(address(run, "stop"))

        run.refresh_from_db()
        assert (run.state, run.stopped_by) == ("stopped", olga)
        bulk_runs.work(run_id=run.pk, seconds=60)
        assert outcomes(run) == {"waiting": 3}
        page = client.get(address(run, "change"))
        assert "3 left undone" in page.content.decode()
        assert page.context["outcomes"] == [("waiting", "left undone", 3)]
        assert client.post(address(run, "stop")).status_code == 403

    def test_is_possible_for_colleagues_who_may_retry(self, world: World, olga: User) -> None:
        run = asked_by(olga, world)

        other = colleague(world)

        signed_in(other).post(address(run, "stop"))

        run.refresh_from_db()
        assert (run.state, run.stopped_by) == ("stopped", other)

    def test_is_not_done_by_looking_or_without_permission_or_from_elsewhere(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world)

        assert client.get(address(run, "stop")).status_code == 200
        assert signed_in(world.roles["Auditor"]).post(address(run, "stop")).status_code == 403
        assert signed_in(world.part).post(address(run, "stop")).status_code == 404
        foreigner = signed_in(colleague(world, elsewhere=True))
        assert foreigner.post(address(run, "stop")).status_code == 404

        run.refresh_from_db()
        assert run.state == "queued"


class TestAJobsPage:
    def test_tells_who_retried_it_in_a_run_and_why(
        self, world: World, client: Client, olga: User
    ) -> None:
        (job,) = make_jobs(world.here.account, 1)
        run = ask_for(olga, [job])
        bulk_runs.work(run_id=run.pk, seconds=60)
        page = reverse("admin:providers_provisioningjob_change", args=[job.pk])

        shown = client.get(page).content.decode()
        history = client.get(page.replace("change", "history")).content.decode()

        assert "they are back" in shown
        assert olga.username in shown
        assert f"Retry jobs (bulk run {run.pk})" in history

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({}, "—"),
            (
                {"balance": "100.5", "freeCredit": "3"},
                "Opening balance there: 100.5 · Free credit there: 3",
            ),
        ],
    )
    def test_says_what_an_account_starts_with(
        self, world: World, client: Client, options: dict[str, str], text: str
    ) -> None:
        ProvisioningJob.objects.filter(pk=world.here.job.pk).update(options=options)
        page = client.get(
            reverse("admin:providers_provisioningjob_change", args=[world.here.job.pk])
        )
        shown = " ".join(page.content.decode().split())
        assert text in shown
        assert "{}" not in shown
