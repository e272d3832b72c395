"""The login page in a real browser, in a frame as eBET shows it."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from providers.simulators.ebet import Ebet
from tests.callbacks.world import World, keys
from wallet.models import Player

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=360, height=640)


@pytest.fixture
def page(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    # Playwright keeps an event loop in this thread, which Django takes for async code.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox"],
        )
        page = browser.new_page(viewport=PHONE, locale="zh-CN")
        problems: list[str] = []
        page.on("console", lambda message: problems.append(f"{message.text} {message.location}"))
        page.on("pageerror", lambda error: problems.append(str(error)))
        yield page
        browser.close()
        assert [each for each in problems if "favicon.ico" not in each] == []


def open_in_frame(page: Page, world: World) -> None:
    page.goto(f"{world.url}/healthz")
    page.evaluate(
        """address => {
            window.heard = [];
            addEventListener("message", (event) => window.heard.push(event.data));
            document.body.innerHTML = '<iframe id="login" width="340" height="600"></iframe>';
            document.getElementById("login").src = address;
        }""",
        f"/login/{world.channel.pk}/",
    )


class TestLoginInAFrame:
    def test_the_game_page_hears_when_it_is_done(
        self, world: World, ebet: Ebet, page: Page
    ) -> None:
        open_in_frame(page, world)
        login = page.frame_locator("#login")
        login.get_by_label("用户名").fill("lily08")
        login.get_by_label("密码").fill("pw-lily")
        login.get_by_role("button", name="登录").click()

        expect(login.get_by_role("status")).to_have_text("您已登录，正在打开游戏。")
        assert page.evaluate("window.heard") == [{"msg": "closeOauthLogin"}]
        assert Player.objects.get(pk=world.players["lily08"].pk).ebet_user_id is not None

    def test_c09_a_failure_offers_another_try(self, world: World, ebet: Ebet, page: Page) -> None:
        ebet.rules["keys"] = {}
        open_in_frame(page, world)
        login = page.frame_locator("#login")
        login.get_by_role("link", name="English").click()
        login.get_by_label("Username").fill("lily08")
        login.get_by_label("Password").fill("pw-lily")
        login.get_by_role("button", name="Sign in").click()
        expect(login.get_by_role("alert")).to_contain_text("You are not signed in yet.")
        assert page.evaluate("window.heard") == []

        ebet.rules["keys"] = {str(world.channel.pk): keys()["K1"][0]}
        login.get_by_role("button", name="Try again").click()

        expect(login.get_by_role("status")).to_be_visible()
        assert page.evaluate("window.heard") == [{"msg": "closeOauthLogin"}]

    def test_it_fits_a_phone(self, world: World, ebet: Ebet, page: Page) -> None:
        page.goto(f"{world.url}/login/{world.channel.pk}/")

        width = page.evaluate("document.documentElement.scrollWidth")

        assert width <= PHONE["width"]
