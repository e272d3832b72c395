"""Every page opens in both languages, on desktop and phone, light and dark, and axe accepts it."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import SignIn
from tests.browser.flags import DESKTOP, PHONE
from tests.browser.world import BrowserWorld
from wallet.admin.player_panels import TABS
from wallet.reports.catalogue import REPORTS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

LOOKS = [
    pytest.param("en", DESKTOP, "light", True, id="English desktop light"),
    pytest.param("zh-hans", DESKTOP, "dark", False, id="Chinese desktop dark"),
    pytest.param("zh-hans", PHONE, "light", False, id="Chinese phone light"),
    pytest.param("en", PHONE, "dark", True, id="English phone dark"),
]
"""Language, size, theme, and whether axe looks too, which takes longer than the page."""


def _paths(world: BrowserWorld) -> list[str]:
    player = reverse("admin:wallet_player_change", args=[world.player.pk])
    channel = reverse("admin:wallet_channel_change", args=[world.channel.pk])
    received = reverse("admin:callbacks_receivedcallback_change", args=[world.received.pk])
    return [
        "/admin/",
        *_of_models(),
        *(f"{player}?tab={tab.key}" for tab in TABS),
        *(
            f"{player.removesuffix('change/')}{action}/"
            for action in ("adjust", "transfer", "lock", "add-note", "statement", "history")
        ),
        *(f"{channel.removesuffix('change/')}{action}/" for action in ("add-key", "test-call")),
        f"{received.removesuffix('change/')}rehearse/",
        *(reverse(f"admin:wallet_report_{name}") for name in REPORTS),
        reverse("admin:wallet_agent_tree"),
        reverse("admin:wallet_export_add"),
        reverse("admin:wallet_player_add"),
        reverse("admin:wallet_reconciliation_add"),
        reverse("admin:auth_user_add"),
        reverse("admin:password_change"),
        reverse("security"),
        reverse("second_factor"),
    ]


def _of_models() -> list[str]:
    """Each list, and the page of its newest row."""
    found = []
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found.append(reverse(f"{base}_changelist"))
        newest = model._meta.managed and model._default_manager.order_by("-pk").first()
        if newest:
            found.append(reverse(f"{base}_change", args=[newest.pk]))
    return found


@pytest.mark.parametrize(("language", "size", "theme", "by_axe"), LOOKS)
class TestEveryPage:
    def test_opens_without_a_fault(
        self,
        sign_in: SignIn,
        browser_world: BrowserWorld,
        language: str,
        size: tuple[int, int],
        theme: str,
        *,
        by_axe: bool,
    ) -> None:
        page = sign_in("root", language=language, size=size, theme=theme)
        faults: dict[str, list[str]] = {}

        for path in _paths(browser_world):
            response = page.goto(path)
            assert response is not None
            assert response.status == 200, path
            assert page.locator("html").get_attribute("lang") == language
            if found := [*_overflow(page), *(_serious(page) if by_axe else [])]:
                faults[path] = found

        assert not faults


def _overflow(page: Page) -> list[str]:
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"wider than the screen by {width}"] if width > 0 else []


def _serious(page: Page) -> list[str]:
    results: dict[str, Any] = Axe().run(page).response
    return [
        f"{fault['id']}: {fault['nodes'][0]['html'][:160]}"
        for fault in results["violations"]
        if fault["impact"] in {"serious", "critical"}
    ]
