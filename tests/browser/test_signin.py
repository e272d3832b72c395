"""Signing in as staff do: set up an authenticator app, lose it, be locked out."""

from __future__ import annotations

import base64
import time
from itertools import count

import pytest
from axe_playwright_python.sync_playwright import Axe
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.flags import DESKTOP, PHONE
from tests.browser.world import PASSWORD
from wallet.models import StaffLogin, StaffSession

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_numbers = count(int(time.time()))


@pytest.fixture
def newcomer(browser_world: object) -> User:
    user = User.objects.create_user(f"nina{next(_numbers)}", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="Operations"))
    return user


def _code(secret: str, *, steps: int = 0) -> str:
    totp = TOTP(base64.b32decode(secret.replace(" ", "")), 6, SHA1(), 30)
    return totp.generate(time.time() + 30 * steps).decode()


def _enter(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        page.fill(f"#id_{name}", value)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _sign_out(page: Page) -> None:
    with page.expect_navigation():
        page.evaluate("document.getElementById('logout-form').submit()")


def _serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}]


LOOKS = [
    pytest.param("en", DESKTOP, "light", id="English desktop light"),
    pytest.param("zh-hans", PHONE, "dark", id="Chinese phone dark"),
]


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS)
class TestANewcomer:
    def test_sets_up_a_second_factor_signs_in_with_it_and_without_the_phone(
        self, sign_in: SignIn, newcomer: User, language: str, size: tuple[int, int], theme: str
    ) -> None:
        page = sign_in(newcomer.username, language=language, size=size, theme=theme)
        faults = {}
        page.goto("/admin/security/")
        faults["security"] = _serious(page)
        page.click("a[href='/admin/security/second-factor/']")
        page.click("summary")
        secret = page.locator("code.secret").inner_text()
        faults["set-up"] = _serious(page)
        _enter(page, password=PASSWORD, code=_code(secret))
        codes = page.locator("#codes li").all_inner_texts()
        assert len(codes) == 10
        faults["recovery codes"] = _serious(page)

        _sign_out(page)
        page.goto("/admin/login/?next=/admin/security/")
        _enter(page, username=newcomer.username, password=PASSWORD)
        faults["code"] = _serious(page)
        _enter(page, code="000000")
        expect(page.locator(".errors")).to_be_visible()
        _enter(page, code=_code(secret, steps=1))
        expect(page).to_have_url(f"{page.url.split('/admin')[0]}/admin/security/")

        _sign_out(page)
        page.goto("/admin/login/")
        _enter(page, username=newcomer.username, password=PASSWORD)
        with page.expect_navigation():
            page.locator(".signin-links a").first.click()
        _enter(page, code=codes[0])
        expect(page.get_by_text("9")).not_to_have_count(0)

        outcomes = StaffLogin.objects.filter(user=newcomer).order_by("pk")
        assert [row.outcome for row in outcomes] == [
            "success",
            "wrong_code",
            "success",
            "recovery",
        ]
        assert not any(faults.values()), faults


class TestWhoForgotThePassword:
    def test_is_locked_out_and_unlocked_by_an_administrator(
        self, sign_in: SignIn, newcomer: User
    ) -> None:
        boss = sign_in("root")
        page = boss.context.browser.new_page() if boss.context.browser else boss
        login = boss.url.replace("/admin/", "/admin/login/")
        page.goto(login)
        for _ in range(5):
            _enter(page, username=newcomer.username, password="forgotten")
        expect(page.get_by_text("Too many failed attempts.")).to_be_visible()

        boss.goto(f"/admin/auth/user/{newcomer.pk}/change/")
        boss.click("a[href$='/unlock/']")
        boss.click("#dialog button[type=submit]")
        expect(boss.get_by_text("They can try again at once.")).to_be_visible()

        _enter(page, username=newcomer.username, password=PASSWORD)
        expect(page).to_have_url(boss.url.split("/admin/")[0] + "/admin/")
        session = StaffSession.objects.get(user=newcomer)
        boss.goto(f"/admin/wallet/staffsession/{session.pk}/change/")
        boss.click("a[href$='/end/']")
        boss.click("#dialog button[type=submit]")
        expect(boss.get_by_text("The session was ended.")).to_be_visible()
        page.reload()
        expect(page.get_by_text("You were signed out here.")).to_be_visible()
        page.close()
