"""Cancelling a whole list of jobs, from the filter to the end of the progress bar."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from config.embedded.process import Process
from providers.models import BulkRun, ProvisioningJob
from tests.browser.conftest import SignIn
from tests.browser.flags import DESKTOP, PHONE
from tests.browser.world import BrowserWorld
from tests.providers.bulk import account_of, make_jobs, outcomes
from wallet import players

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

JOBS = 300

LOOKS = [
    pytest.param("en", DESKTOP, "light", id="English desktop light"),
    pytest.param("zh-hans", PHONE, "dark", id="Chinese phone dark"),
]


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS)
class TestAllJobsOfAFilteredList:
    def test_are_cancelled_while_the_page_tells_how_far_it_is(
        self,
        sign_in: SignIn,
        browser_world: BrowserWorld,
        celery_worker: Process,
        language: str,
        size: tuple[int, int],
        theme: str,
    ) -> None:
        username = f"bulk{language[:2]}"
        player = players.register(channel=browser_world.channel, username=username)
        account = account_of(player, browser_world.job.target)
        jobs = make_jobs(account, JOBS, state="refused")
        make_jobs(account, 3)
        page = sign_in("olga", language=language, size=size, theme=theme)
        faults = {}

        page.goto(f"/admin/providers/provisioningjob/?state__exact=refused&q={username}")
        page.locator("#action-toggle").check(force=True)
        page.locator(".question a").click()
        page.select_option("select[name=action]", "cancel_selected")
        page.click("#changelist-actions button[type=submit]")
        expect(page.locator(".action-object")).to_contain_text(str(JOBS))
        faults["confirmation"] = _serious(page)
        page.fill("#id_reason", "They closed the game.")
        page.click(".action-form button[type=submit]")
        expect(page.locator(".page-note")).to_contain_text("%")
        faults["progress"] = _serious(page)
        expect(page.locator(".page-note")).to_contain_text("100 %")
        # The page was read anew at the end, by itself.
        expect(page.locator(".tab-strip a")).to_contain_text(f"({JOBS})")

        run = BulkRun.objects.get(reason="They closed the game.", items__job=jobs[0])
        assert (run.state, outcomes(run)) == ("done", {"done": JOBS})
        cancelled = ProvisioningJob.objects.filter(player=player, state="cancelled")
        assert set(cancelled) == set(jobs)
        assert faults == {"confirmation": [], "progress": []}
