"""What staff do in a working day, done as they would do it, at the desk and on the phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from callbacks.models import ReceivedCallback
from providers.models import ProvisioningJob
from tests.browser.conftest import SignIn
from tests.browser.flags import DESKTOP, PHONE
from tests.browser.world import BrowserWorld, public_key
from wallet.keys import key_pair
from wallet.models import Adjustment, ChannelKey, Export, Note, Player

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@dataclass(frozen=True)
class Desk:
    """How somebody looks at the back-office. ``name`` tells the two apart in what they write."""

    name: str
    language: str
    size: tuple[int, int]
    theme: str

    def said(self, text: str, **values: Any) -> str:
        """What a text of ours reads like here."""
        with translation.override(self.language):
            return translation.gettext(text) % values if values else translation.gettext(text)


@pytest.fixture(
    params=[Desk("desk", "en", DESKTOP, "light"), Desk("phone", "zh-hans", PHONE, "dark")],
    ids=["English desk, light", "Chinese phone, dark"],
)
def desk(request: pytest.FixtureRequest) -> Desk:
    found: Desk = request.param
    return found


@pytest.fixture
def open_as(sign_in: SignIn, desk: Desk) -> Callable[[str], Page]:
    def open_page(username: str) -> Page:
        page = sign_in(username, language=desk.language, size=desk.size, theme=desk.theme)
        page.set_default_timeout(10_000)
        return page

    return open_page


Open = Callable[[str], Page]


def _submit(page: Page) -> None:
    page.click("#dialog button[type=submit]")


def _press(page: Page, action: str) -> None:
    """Press an object's button, which is in a menu where the window is narrow."""
    button = page.locator(f"a[href$='/{action}/']").first
    menu = page.get_by_text("more_horiz").first
    expect(button.or_(menu).locator("visible=true").first).to_be_visible()
    if menu.is_visible():
        menu.click()
    button.click()


def _player_page(world: BrowserWorld) -> str:
    return reverse("admin:wallet_player_change", args=[world.player.pk])


def _says(page: Page, text: str) -> None:
    expect(page.get_by_text(text).first).to_be_visible()


def _rows(page: Page) -> Locator:
    return page.locator("#result_list").get_by_role("link")


class TestOperations:
    def test_find_a_player_and_lock_and_unlock_them(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("olga")
        page.goto("/admin/wallet/player/")
        page.fill("#searchbar", "walt")
        page.press("#searchbar", "Enter")
        page.get_by_role("link", name="walter8").click()
        _press(page, "lock")
        _submit(page)
        expect(page.locator("#dialog")).to_contain_text(desk.said("This field is required."))
        page.fill("#id_reason", "asked to pause")
        _submit(page)

        _says(page, desk.said("Player %(name)s is locked.", name="walter8"))
        player = Player.objects.get(pk=browser_world.player.pk)
        assert (player.status, player.status_reason) == ("locked", "asked to pause")

        _press(page, "unlock")
        page.fill("#id_reason", "back again")
        _submit(page)
        _says(page, desk.said("Player %(name)s is unlocked.", name="walter8"))

    def test_register_a_player(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("olga")
        page.goto("/admin/wallet/player/add/")
        page.select_option("#id_channel", str(browser_world.channel.pk))
        page.fill("#id_username", "Not Allowed")
        _submit(page)
        expect(page.locator("#id_username")).to_have_value("Not Allowed")
        username = f"paula{desk.name}"
        page.fill("#id_username", username)
        _submit(page)

        _says(page, desk.said("Player %(name)s was registered.", name=username))
        assert Player.objects.get(username=username).wallets.count() == 7

    def test_write_a_note_that_everybody_sees(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("olga")
        page.goto(f"{_player_page(browser_world)[:-7]}add-note/")
        page.fill("#id_text", f"Calls from the {desk.name}")
        page.check("#id_pinned")
        _submit(page)

        _says(page, desk.said("The note was written."))
        page.goto(f"{_player_page(browser_world)}?tab=ledger")
        _says(page, f"Calls from the {desk.name}")
        assert Note.objects.latest("pk").author.username == "olga"

    def test_retry_a_job_that_waits_for_a_person(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        ProvisioningJob.objects.filter(pk=browser_world.job.pk).update(
            state=ProvisioningJob.State.CONFLICT, next_attempt_at=None
        )
        page = open_as("olga")
        page.get_by_role("link", name=desk.said("Jobs that wait for a person")).click()
        page.locator(f"a[href*='/provisioningjob/{browser_world.job.pk}/change/']").first.click()
        _press(page, "retry")
        page.fill("#id_reason", "HRG says it is fixed")
        _submit(page)

        _says(page, desk.said("The job is tried again."))
        job = ProvisioningJob.objects.get(pk=browser_world.job.pk)
        assert job.state != ProvisioningJob.State.CONFLICT
        assert job.history.latest("pk").note == "HRG says it is fixed"

    def test_ask_what_a_message_would_be_answered_now(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("olga")
        page.goto(f"/admin/callbacks/receivedcallback/{browser_world.received.pk}/change/")
        _press(page, "rehearse")
        _submit(page)

        _says(page, desk.said("Nothing was moved, kept or sent: all of it was undone."))
        assert ReceivedCallback.objects.filter(seq_no="browser-1").count() == 1


class TestFinance:
    def test_approve_what_operations_proposed_but_not_their_own(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        browser_world.wallet.refresh_from_db()
        before = browser_world.wallet.balance
        page = open_as("olga")
        page.goto(f"/admin/wallet/player/{browser_world.player.pk}/adjust/")
        page.select_option("#id_wallet", index=1)
        page.fill("#id_amount", "12.34")
        page.fill("#id_reason", "promised by support")
        _submit(page)
        _says(page, desk.said("The adjustment waits for approval."))
        adjustment = Adjustment.objects.latest("pk")

        page.goto(reverse("admin:wallet_adjustment_change", args=[adjustment.pk]))
        _says(page, desk.said("You proposed it: someone else has to decide."))
        expect(page.locator("a[href$='/approve/']")).to_have_count(0)

        page = open_as("fiona")
        page.get_by_role("link", name=desk.said("Adjustments waiting for you")).click()
        _rows(page).first.click()
        _press(page, "approve")
        _submit(page)
        _says(page, desk.said("The adjustment was posted."))
        browser_world.wallet.refresh_from_db()
        assert browser_world.wallet.balance == before + Decimal("12.34")

    def test_answer_why_a_balance_is_what_it_is(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("fiona")
        page.goto("/admin/wallet/ledgerentry/")
        page.fill("#searchbar", "BP1-880029")
        page.press("#searchbar", "Enter")
        expect(page.locator("#result_list tbody")).to_have_count(2)
        _rows(page).first.click()

        _says(page, "ebet:payout")
        _says(page, "+15.00")

    def test_ask_for_an_export_of_the_filtered_list(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("fiona")
        page.goto("/admin/wallet/ledgerentry/?kind__exact=bet")
        page.click("a.list-button")
        page.select_option("#id_format", "csv")
        page.locator("form:has(#id_format) button[type=submit]").click()

        page.wait_for_url("**/admin/wallet/export/*/change/")
        export = Export.objects.latest("pk")
        assert export.request["filters"] == {"kinds": ["bet"]}
        assert str(export.requested_by) == "fiona"


class TestAdministrators:
    def test_rotate_a_channels_key(
        self, open_as: Open, desk: Desk, browser_world: BrowserWorld
    ) -> None:
        page = open_as("adam")
        page.goto(reverse("admin:wallet_channel_change", args=[browser_world.channel.pk]))
        _press(page, "add-key")
        pem = public_key()
        name = key_pair(public_pem=pem).fingerprint[:16]
        page.fill("#id_public_pem", pem)
        _submit(page)
        _says(page, desk.said("Key %(fingerprint)s was added.", fingerprint=name))

        _press(page, "activate-key")
        fresh = browser_world.channel.keys.get(fingerprint__startswith=name)
        page.select_option("#id_key", str(fresh.pk))
        _submit(page)
        _says(page, desk.said("Key %(fingerprint)s is active.", fingerprint=name))
        assert browser_world.channel.keys.get(state=ChannelKey.State.ACTIVE) == fresh
        expect(page.get_by_text("BEGIN PUBLIC KEY")).to_have_count(0)

    def test_make_a_test_call(self, open_as: Open, desk: Desk, browser_world: BrowserWorld) -> None:
        page = open_as("adam")
        page.goto(reverse("admin:wallet_channel_change", args=[browser_world.channel.pk]))
        _press(page, "test-call")
        _submit(page)

        _says(page, desk.said("Our address answers netCheck"))
        expect(page.locator(".check-steps li")).to_have_count(7)


class TestHeader:
    def test_switches_time_zone_and_language(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("olga", size=(1440, 900))
        page.select_option("#timezone-header", "UTC")
        expect(page.get_by_text("· UTC ·")).to_be_visible()
        page.get_by_role("button", name="简体中文").first.click()

        expect(page.get_by_role("heading", name="需要处理")).to_be_visible()
        expect(page.locator("#timezone-header")).to_have_value("UTC")
