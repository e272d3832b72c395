"""Retrying and cancelling many jobs: chosen in the list, confirmed with a reason."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from providers import bulk_runs
from providers.models import BulkRun, JobAttempt, ProvisioningJob
from tests.admin.bulk import (
    LIST,
    RUNS,
    address,
    choose,
    colleague,
    signed_in,
    the_run,
)
from tests.admin.world import World
from tests.providers.bulk import RETRY, State, make_jobs, outcomes
from wallet.admin import keyset


@pytest.fixture
def olga(world: World) -> User:
    return world.roles["Operations"]


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in(olga)


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

    def test_is_possible_where_nobody_counted_them(
        self, world: World, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyset, "COUNT_CAP", 29)
        jobs = make_jobs(world.here.account, 30, state=State.REFUSED)

        page = client.get(f"{LIST}?state__exact=refused").content.decode()

        assert "Select all rows of the list" in page
        assert "Select all 29" not in page
        choose(client, jobs[:1], "?state__exact=refused", select_across="1")
        assert the_run().total == 30

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

    def test_of_yesterday_asks_to_choose_again(self, client: Client, draft: BulkRun) -> None:
        BulkRun.objects.update(requested_at=timezone.now() - bulk_runs.DRAFT_KEPT)

        answer = client.post(address(draft, "confirm"), {"reason": "late"})

        assert "chosen too long ago" in answer.content.decode()
        draft.refresh_from_db()
        assert draft.state == "draft"

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
