"""Actions and their dialogs by keyboard alone."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from providers.models import Target
from tests.browser.conftest import SignIn
from tests.browser.world import BrowserWorld

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def page(sign_in: SignIn, browser_world: BrowserWorld) -> Page:
    page = sign_in("root")
    target = Target.objects.get(pk=browser_world.job.target_id)
    page.goto(reverse("admin:providers_target_change", args=[target.pk]))
    return page


class TestADialog:
    def test_takes_the_keyboard_keeps_it_and_gives_it_back(self, page: Page) -> None:
        opener = page.locator('a[hx-get$="/pause/"]').first
        opener.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Pause")
        reason = dialog.get_by_label("Reason")

        expect(reason).to_be_focused()
        for _stop in range(3):
            page.keyboard.press("Tab")
        expect(reason).to_be_focused()
        page.keyboard.press("Shift+Tab")
        expect(dialog.get_by_role("button", name="Pause")).to_be_focused()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()

    def test_leads_to_what_was_left_out(self, page: Page) -> None:
        page.locator('a[hx-get$="/pause/"]').first.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="Pause")
        dialog.get_by_role("button", name="Pause").press("Enter")

        expect(dialog.get_by_text("This field is required.")).to_be_visible()
        expect(dialog.get_by_label("Reason")).to_be_focused()


class TestAMenuOfActions:
    def test_opens_and_closes_from_the_keyboard(self, page: Page) -> None:
        menu = page.get_by_role("button", name="More actions")
        menu.focus()
        page.keyboard.press("Enter")
        first = page.locator('body > nav a[hx-get$="/push-missing/"]')

        expect(first).to_be_focused()
        page.keyboard.press("Escape")
        expect(first).to_be_hidden()
        expect(menu).to_be_focused()
        page.keyboard.press("Enter")
        expect(first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog", name="Push missing players")).to_be_visible()
