"""What staff do in a working day, done as they would do it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from providers.models import ProvisioningJob
from tests.browser.conftest import PHONE, SignIn
from tests.browser.world import BrowserWorld, public_key
from wallet.models import Adjustment, ChannelKey, Export, Player

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def _submit(page: Page) -> None:
    page.click("#dialog button[type=submit]")


class TestOperations:
    def test_find_a_player_and_lock_and_unlock_them(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("olga")
        page.goto("/admin/wallet/player/")
        page.fill("#searchbar", "walt")
        page.press("#searchbar", "Enter")
        page.get_by_role("link", name="walter8").click()
        page.click("a[href$='/lock/']")
        _submit(page)
        expect(page.locator("#dialog")).to_contain_text("This field is required")
        page.fill("#id_reason", "asked to pause")
        _submit(page)

        expect(page.get_by_text("Player walter8 is locked.")).to_be_visible()
        player = Player.objects.get(pk=browser_world.player.pk)
        assert (player.status, player.status_reason) == ("locked", "asked to pause")

        page.click("a[href$='/unlock/']")
        page.fill("#id_reason", "back again")
        _submit(page)
        expect(page.get_by_text("Player walter8 is unlocked.")).to_be_visible()

    def test_register_a_player_on_a_phone(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("olga", language="zh-hans", size=PHONE)
        page.goto("/admin/wallet/player/add/")
        page.select_option("#id_channel", str(browser_world.channel.pk))
        page.fill("#id_username", "Not Allowed")
        _submit(page)
        expect(page.locator("#dialog")).to_contain_text("请使用小写字母")
        page.fill("#id_username", "paula8")
        _submit(page)

        expect(page.get_by_text("玩家 paula8 已注册。")).to_be_visible()
        assert Player.objects.get(username="paula8").wallets.count() == 7

    def test_retry_a_job_that_waits_for_a_person(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("olga")
        page.get_by_role("link", name="Jobs that wait for a person").click()
        page.locator("#result_list").get_by_role("link").first.click()
        page.click("a[href$='/retry/']")
        page.fill("#id_reason", "HRG says it is fixed")
        _submit(page)

        expect(page.get_by_text("The job is tried again.")).to_be_visible()
        job = ProvisioningJob.objects.get(pk=browser_world.job.pk)
        assert job.state != ProvisioningJob.State.CONFLICT
        assert job.history.latest("pk").note == "HRG says it is fixed"


class TestFinance:
    def test_approve_what_operations_proposed_but_not_their_own(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        before = browser_world.wallet.balance
        page = sign_in("olga")
        page.goto(f"/admin/wallet/player/{browser_world.player.pk}/adjust/")
        page.select_option("#id_wallet", index=1)
        page.fill("#id_amount", "12.34")
        page.fill("#id_reason", "promised by support")
        _submit(page)
        expect(page.get_by_text("The adjustment waits for approval.")).to_be_visible()
        adjustment = Adjustment.objects.latest("pk")

        page.goto(reverse("admin:wallet_adjustment_change", args=[adjustment.pk]))
        expect(page.get_by_text("someone else has to decide")).to_be_visible()
        expect(page.locator("a[href$='/approve/']")).to_have_count(0)

        page = sign_in("fiona")
        page.get_by_role("link", name="Adjustments waiting for you").click()
        page.locator("#result_list").get_by_role("link").first.click()
        page.click("a[href$='/approve/']")
        _submit(page)
        expect(page.get_by_text("The adjustment was posted.")).to_be_visible()
        browser_world.wallet.refresh_from_db()
        assert browser_world.wallet.balance == before + Decimal("12.34")

    def test_answer_why_a_balance_is_what_it_is(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("fiona")
        page.goto("/admin/wallet/ledgerentry/")
        page.fill("#searchbar", "BP1-880029")
        page.press("#searchbar", "Enter")
        expect(page.locator("#result_list tbody")).to_have_count(2)
        page.locator("#result_list").get_by_role("link").first.click()

        expect(page.get_by_text("ebet:payout", exact=True)).to_be_visible()
        expect(page.get_by_text("+15.00").first).to_be_visible()

    def test_ask_for_an_export_of_the_filtered_list(
        self, sign_in: SignIn, browser_world: BrowserWorld
    ) -> None:
        page = sign_in("fiona")
        page.goto("/admin/wallet/ledgerentry/?kind__exact=bet")
        page.click("a.list-button")
        page.select_option("#id_format", "csv")
        _submit(page)

        page.wait_for_url("**/admin/wallet/export/*/change/")
        export = Export.objects.latest("pk")
        assert export.request["filters"] == {"kinds": ["bet"]}
        assert str(export.requested_by) == "fiona"


class TestAdministrators:
    def test_rotate_a_channels_key(self, sign_in: SignIn, browser_world: BrowserWorld) -> None:
        page = sign_in("adam")
        page.goto(reverse("admin:wallet_channel_change", args=[browser_world.channel.pk]))
        page.click("a[href$='/add-key/']")
        page.fill("#id_public_pem", public_key())
        _submit(page)
        expect(page.get_by_text("was added.")).to_be_visible()
        fresh = browser_world.channel.keys.latest("pk")

        page.click("a[href$='/activate-key/']")
        page.select_option("#id_key", str(fresh.pk))
        _submit(page)
        expect(page.get_by_text("is active.")).to_be_visible()
        active = browser_world.channel.keys.get(state=ChannelKey.State.ACTIVE)
        assert active == fresh
        expect(page.get_by_text("BEGIN PUBLIC KEY")).to_have_count(0)


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
