"""A real browser against the real server. Every page must stay at home and quiet."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.flags import DESKTOP, FLAGS
from tests.browser.world import PASSWORD, BrowserWorld, make_world

# The suite shares the machine with its own servers.
expect.set_options(timeout=20_000)

SignIn = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, and Django would refuse to work beside it.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=FLAGS,
        )
        yield browser
        browser.close()


@pytest.fixture
def browser_world(committed_db: None) -> BrowserWorld:
    return make_world()


@pytest.fixture
def sign_in(browser: Browser, web_server: str, browser_world: BrowserWorld) -> Iterator[SignIn]:
    """``sign_in("olga", language="zh-hans", …)``: a page of the admin, watched until the end."""
    contexts: list[Any] = []
    faults: list[str] = []

    def watch(page: Page) -> None:
        page.on(
            "console",
            lambda message: (
                faults.append(f"console: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((web_server, "data:", "blob:"))
                else faults.append(f"went out: {request.url}")
            ),
        )

    def open_page(
        username: str,
        *,
        language: str = "en",
        size: tuple[int, int] = DESKTOP,
        theme: Any = "light",
    ) -> Page:
        context = browser.new_context(
            base_url=web_server,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            locale=language,
            accept_downloads=True,
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": web_server}])
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto("/admin/login/")
        page.fill("#id_username", username)
        page.fill("#id_password", PASSWORD)
        page.click("#login-form button[type=submit]")
        page.wait_for_url("**/admin/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not faults
