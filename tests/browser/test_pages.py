"""Every page opens in both languages, on desktop and phone, light and dark, and axe accepts it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import DESKTOP, PHONE, SignIn
from tests.browser.world import BrowserWorld
from wallet.reports.catalogue import REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LOOKS = [
    pytest.param("en", DESKTOP, "light", id="English desktop light"),
    pytest.param("zh-hans", DESKTOP, "dark", id="Chinese desktop dark"),
    pytest.param("zh-hans", PHONE, "light", id="Chinese phone light"),
    pytest.param("en", PHONE, "dark", id="English phone dark"),
]


def _paths(world: BrowserWorld) -> list[str]:
    lists = [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
    ]
    player = reverse("admin:wallet_player_change", args=[world.player.pk])
    entry = world.player.entries.latest("pk")
    objects = [
        *(f"{player}?tab={tab}" for tab in ("overview", "ledger", "rounds", "access", "audit")),
        reverse("admin:wallet_player_history", args=[world.player.pk]),
        reverse("admin:wallet_player_add"),
        f"/admin/wallet/player/{world.player.pk}/adjust/",
        reverse("admin:wallet_ledgerentry_change", args=[entry.pk]),
        reverse("admin:wallet_export_add"),
        *(reverse(f"admin:wallet_report_{name}") for name in REPORTS),
        reverse("admin:wallet_reconciliation_add"),
        f"/admin/wallet/player/{world.player.pk}/statement/",
        reverse("admin:wallet_channel_change", args=[world.channel.pk]),
        f"/admin/wallet/channel/{world.channel.pk}/add-key/",
        reverse("admin:providers_provisioningjob_change", args=[world.job.pk]),
        reverse("admin:auth_user_add"),
        reverse("admin:auth_user_change", args=[User.objects.get(username="adam").pk]),
        reverse("admin:password_change"),
        reverse("security"),
        reverse("second_factor"),
    ]
    return ["/admin/", *lists, *objects]


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS)
class TestEveryPage:
    def test_opens_without_a_fault(
        self,
        sign_in: SignIn,
        browser_world: BrowserWorld,
        language: str,
        size: tuple[int, int],
        theme: str,
    ) -> None:
        page = sign_in("root", language=language, size=size, theme=theme)

        for path in _paths(browser_world):
            response = page.goto(path)
            assert response is not None
            assert response.status == 200, path
            assert page.locator("html").get_attribute("lang") == language
            assert _overflow(page) <= 0, f"{path} is wider than the screen"


def _overflow(page: Page) -> int:
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


class TestPagesForEveryone:
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_have_no_serious_fault_for_screen_readers(
        self, sign_in: SignIn, browser_world: BrowserWorld, theme: str
    ) -> None:
        page = sign_in("root", theme=theme)
        player = reverse("admin:wallet_player_change", args=[browser_world.player.pk])
        paths = [
            "/admin/",
            reverse("admin:wallet_player_changelist"),
            player,
            f"{player}?tab=ledger",
            reverse("admin:wallet_ledgerentry_changelist"),
            reverse("admin:wallet_report_daily"),
            reverse("admin:wallet_report_trial_balance"),
            reverse("admin:wallet_reconciliation_add"),
            f"/admin/wallet/player/{browser_world.player.pk}/lock/",
            reverse("admin:wallet_player_add"),
            reverse("admin:wallet_channel_change", args=[browser_world.channel.pk]),
        ]

        faults = {path: found for path in paths if (found := _serious(page, path))}

        assert not faults


def _serious(page: Page, path: str) -> list[str]:
    page.goto(path, wait_until="networkidle")
    results: dict[str, Any] = Axe().run(page).response
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:160]}"
        for fault in results["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
