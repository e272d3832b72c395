"""Retrying and cancelling many jobs: chosen in the list, confirmed, watched, stopped."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from providers import bulk_runs
from providers.models import BulkRun, JobAttempt, ProvisioningJob
from tests.admin.world import World, staff
from tests.providers.bulk import RETRY, State, ask_for, make_jobs, outcomes
from wallet.models import StaffScope

LIST = reverse("admin:providers_provisioningjob_changelist")
RUNS = reverse("admin:providers_bulkrun_changelist")


@pytest.fixture
def olga(world: World) -> User:
    return world.roles["Operations"]


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in(olga)


def colleague(world: World, *, elsewhere: bool = False) -> User:
    """Operations, too."""
    user = staff("colleague", role="Operations")
    side = world.elsewhere if elsewhere else world.here
    StaffScope.objects.create(user=user, channel=side.channel)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def choose(client: Client, jobs: list[ProvisioningJob], query: str = "", **more: str) -> Any:
    data = {"action": "retry_selected", "_selected_action": [job.pk for job in jobs], **more}
    return client.post(LIST + query, data)


def the_run(**values: Any) -> BulkRun:
    return BulkRun.objects.exclude(requested_by__username__startswith="maker").get(**values)


def address(run: BulkRun, view: str) -> str:
    return f"{RUNS}{run.pk}/{view}/"


def asked_by(user: User, world: World, count: int = 3) -> BulkRun:
    return ask_for(user, make_jobs(world.here.account, count))


class TestChoosingJobs:
    def test_asks_for_a_reason_and_does_nothing_yet(self, world: World, client: Client) -> None:
        jobs = make_jobs(world.here.account, 3)

        answer = choose(client, jobs)

        run = the_run()
        assert answer.headers["Location"] == address(run, "confirm")
        page = client.get(address(run, "confirm"))
        assert "3 jobs" in page.content.decode()
        assert len(page.context["table"].rows) == 3
        assert client.post(address(run, "confirm"), {"reason": " "}).status_code == 200
        run.refresh_from_db()
        assert (run.state, outcomes(run)) == (BulkRun.State.DRAFT, {"waiting": 3})
        assert bulk_runs.work(run_id=run.pk, seconds=1) is None
        assert not JobAttempt.objects.exists()

    def test_of_a_filtered_list_takes_those_of_every_page_and_no_others(
        self, world: World, client: Client
    ) -> None:
        refused = make_jobs(world.here.account, 60, state=State.REFUSED)
        make_jobs(world.here.account, 5)
        make_jobs(world.elsewhere.account, 5, state=State.REFUSED)
        query = f"?state__exact=refused&q={world.here.player.username[:3]}"
        page = client.get(LIST + query)
        assert len(page.context["cl"].result_list) == 25

        choose(client, refused[:1], query, select_across="1")

        run = the_run()
        assert run.total == 60
        assert set(run.items.values_list("job", flat=True)) == {job.pk for job in refused}
        shown = client.get(address(run, "confirm"))
        assert "60 jobs" in shown.content.decode()
        assert len(shown.context["table"].rows) == 20

    def test_is_settled_by_what_was_shown_whatever_the_list_holds_later(
        self, world: World, client: Client
    ) -> None:
        jobs = make_jobs(world.here.account, 30, state=State.REFUSED)
        choose(client, jobs[:1], "?state__exact=refused", select_across="1")
        make_jobs(world.here.account, 1, state=State.REFUSED)

        client.post(address(the_run(), "confirm"), {"reason": "they are back"})

        assert set(the_run().items.values_list("job", flat=True)) == {job.pk for job in jobs}

    def test_that_are_too_many_says_so(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bulk_runs, "MOST", 2)

        answer = choose(client, make_jobs(world.here.account, 3))

        page = client.get(answer.headers["Location"])
        assert "At most 2 jobs at once: narrow the list by a filter." in page.content.decode()
        assert not BulkRun.objects.filter(state="draft").exists()

    def test_without_permission_is_not_offered(self, world: World) -> None:
        watcher = signed_in(world.roles["Auditor"])

        choose(watcher, make_jobs(world.here.account, 3))

        assert not BulkRun.objects.filter(state="draft").exists()

    def test_elsewhere_chooses_none(self, world: World, client: Client) -> None:
        choose(client, make_jobs(world.elsewhere.account, 3))
        choose(client, [world.elsewhere.job], select_across="1")

        assert the_run().items.get().job == world.here.job


class TestConfirming:
    @pytest.fixture
    def draft(self, world: World, olga: User) -> BulkRun:
        make_jobs(world.here.account, 2)
        chosen = ProvisioningJob.objects.filter(kind="fund")
        return bulk_runs.draft(user=olga, operation=RETRY, jobs=chosen, language="en")

    def test_starts_the_run_and_shows_it(self, client: Client, olga: User, draft: BulkRun) -> None:
        answer = client.post(address(draft, "confirm"), {"reason": "they are back"})

        assert answer.headers["Location"] == address(draft, "change")
        draft.refresh_from_db()
        assert (draft.state, draft.reason) == ("queued", "they are back")
        assert draft.pk in bulk_runs.due()
        page = client.get(address(draft, "change")).content.decode()
        assert "they are back" in page
        assert address(draft, "progress") in page

    def test_twice_starts_it_once(self, client: Client, draft: BulkRun) -> None:
        for reason in ("they are back", "pressed twice"):
            answer = client.post(address(draft, "confirm"), {"reason": reason})
            assert answer.headers["Location"] == address(draft, "change")
        bulk_runs.work(run_id=draft.pk, seconds=60)
        client.post(address(draft, "confirm"), {"reason": "pressed thrice"})
        bulk_runs.work(run_id=draft.pk, seconds=60)

        draft.refresh_from_db()
        assert (draft.reason, outcomes(draft)) == ("they are back", {"done": 2})
        assert JobAttempt.objects.count() == 2
        logged = LogEntry.objects.filter(object_id=str(draft.pk), change_message="Confirmed")
        assert logged.count() == 1

    def test_is_not_done_by_looking(self, client: Client, draft: BulkRun) -> None:
        assert client.get(address(draft, "confirm"), {"reason": "x"}).status_code == 200
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_is_for_who_chose_alone(self, world: World, draft: BulkRun) -> None:
        for other in (world.superuser, colleague(world)):
            answer = signed_in(other).post(address(draft, "confirm"), {"reason": "mine"})
            assert answer.status_code == 404
            assert signed_in(other).get(address(draft, "change")).status_code in (302, 404)
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_without_permission_is_forbidden(
        self, client: Client, olga: User, draft: BulkRun
    ) -> None:
        olga.groups.clear()
        answer = client.post(address(draft, "confirm"), {"reason": "they are back"})
        assert answer.status_code == 403
        draft.refresh_from_db()
        assert draft.state == "draft"

    def test_draft_is_in_nobodys_list(self, world: World, client: Client, draft: BulkRun) -> None:
        for reader in (client, signed_in(world.superuser)):
            assert draft not in reader.get(RUNS).context["cl"].result_list


class TestWatching:
    def test_asks_again_until_the_run_has_ended(
        self, world: World, client: Client, olga: User
    ) -> None:
        run = asked_by(olga, world, 60)
        lease = bulk_runs.work(run_id=run.pk, seconds=0.001)
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
