"""Signing in with a password: who comes in, who does not, and what is written down."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tests.admin.signing_in import HOME, OFFICE, PASSWORD, Browser, member, outcomes, said
from wallet.models import StaffLogin, StaffNetwork, StaffSession

pytestmark = pytest.mark.django_db

ELSEWHERE = "198.51.100.9"


@pytest.fixture
def lily() -> User:
    return member()


@pytest.fixture
def browser(lily: User) -> Browser:
    return Browser()


class TestTheRightPassword:
    def test_signs_in_and_is_written_down_with_address_and_browser(
        self, lily: User, browser: Browser
    ) -> None:
        answer = browser.enter_password()

        assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
        assert browser.is_signed_in()
        (attempt,) = StaffLogin.objects.filter(user=lily)
        assert (attempt.outcome, attempt.address) == ("success", OFFICE)
        assert attempt.browser == "Chrome 140 · Windows"
        session = StaffSession.objects.get(user=lily)
        assert (session.address, session.verified, session.ended_at) == (OFFICE, False, None)

    def test_leads_to_the_page_that_was_asked_for(self, browser: Browser) -> None:
        answer = browser.enter_password(path="/admin/login/?next=/admin/wallet/player/")

        assert answer.headers["Location"] == "/admin/wallet/player/"

    def test_never_leads_to_a_foreign_site(self, browser: Browser) -> None:
        answer = browser.enter_password(path="/admin/login/?next=https://evil.example/")

        assert answer.headers["Location"] == HOME


class TestARefusal:
    @pytest.mark.parametrize(
        ("username", "password"), [("lily", "wrong"), ("nobody", PASSWORD), ("LILY", PASSWORD)]
    )
    def test_of_a_wrong_name_or_password_does_not_say_which(
        self, browser: Browser, username: str, password: str
    ) -> None:
        answer = browser.enter_password(password, username=username)

        assert said(answer) == "The username or the password is wrong. Mind capital letters."
        assert outcomes(username) == ["wrong_password"]
        assert not browser.is_signed_in()

    def test_of_a_switched_off_account_says_so_to_who_knows_the_password(
        self, lily: User, browser: Browser
    ) -> None:
        User.objects.filter(pk=lily.pk).update(is_active=False)

        assert said(browser.enter_password()).startswith("This account is switched off.")
        assert said(browser.enter_password("wrong")).startswith("The username or the password")
        assert outcomes() == ["inactive", "wrong_password"]
        assert not browser.is_signed_in()

    def test_of_an_account_that_is_no_staff_lets_nobody_in(
        self, lily: User, browser: Browser
    ) -> None:
        User.objects.filter(pk=lily.pk).update(is_staff=False)

        browser.enter_password()

        assert outcomes() == ["inactive"]
        assert not StaffSession.objects.filter(user=lily).exists()

    def test_is_never_changed_afterwards(self, browser: Browser) -> None:
        browser.enter_password("wrong")

        with pytest.raises(Exception, match="permission denied"):
            StaffLogin.objects.update(outcome="success")


class TestTooManyWrongPasswords:
    def test_close_the_door_to_the_right_one_and_say_for_how_long(self, browser: Browser) -> None:
        for _ in range(4):
            browser.enter_password("wrong")
        fifth = browser.enter_password("wrong")
        right = browser.enter_password()

        wait = "Too many failed attempts. Wait 15 minutes, or ask an administrator to unlock you."
        assert said(fifth) == said(right) == wait
        assert outcomes() == ["wrong_password"] * 5 + ["locked"]
        assert not browser.is_signed_in()

    def test_close_it_from_every_address(self, browser: Browser) -> None:
        for _ in range(5):
            browser.enter_password("wrong")
        browser.move_to(ELSEWHERE)

        browser.enter_password()

        assert not browser.is_signed_in()

    def test_of_one_name_leave_the_others_alone(self, browser: Browser) -> None:
        member("rose")
        for _ in range(5):
            browser.enter_password("wrong")

        browser.enter_password(username="rose")

        assert browser.is_signed_in()

    def test_of_many_names_close_the_door_to_their_address(
        self, browser: Browser, settings: Settings
    ) -> None:
        settings.STAFF_FAILURES_PER_ADDRESS = 6
        for number in range(6):
            browser.enter_password("wrong", username=f"guess{number}")

        assert said(browser.enter_password()).startswith("Too many failed attempts.")
        assert not browser.is_signed_in()
        browser.move_to(ELSEWHERE)
        browser.enter_password()
        assert browser.is_signed_in()

    def test_are_forgotten_after_a_while(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(5):
            browser.enter_password("wrong")
        later = timezone.now() + timedelta(minutes=15, seconds=1)
        monkeypatch.setattr("wallet.signin.attempts.timezone.now", lambda: later)

        browser.enter_password()

        assert outcomes()[-1] == "success"

    def test_are_forgotten_after_the_right_one(self, browser: Browser) -> None:
        for password in ["wrong"] * 4 + [PASSWORD] + ["wrong"] * 4 + [PASSWORD]:
            answer = browser.enter_password(password)

        assert answer.status_code == 302

    def test_fill_no_log_while_the_door_is_closed(self, browser: Browser) -> None:
        for _ in range(12):
            browser.enter_password("wrong")

        assert outcomes() == ["wrong_password"] * 5 + ["locked"]


class TestAllowedNetworks:
    def test_of_everybody_hide_even_the_sign_in_page(
        self, browser: Browser, settings: Settings
    ) -> None:
        settings.STAFF_ALLOWED_NETWORKS = [ip_network("203.0.113.0/24")]
        assert browser.get("/admin/login/").status_code == 200
        browser.move_to(ELSEWHERE)

        answer = browser.get("/admin/login/")

        assert answer.status_code == 403
        assert f"cannot be opened from <b>{ELSEWHERE}</b>" in answer.content.decode()
        (attempt,) = StaffLogin.objects.filter(address=ELSEWHERE)
        assert (attempt.outcome, attempt.username) == ("network", "")

    def test_of_one_staff_member_refuse_the_right_password(
        self, lily: User, browser: Browser
    ) -> None:
        StaffNetwork.objects.create(user=lily, network="192.0.2.0/24")

        answer = browser.enter_password()

        assert said(answer).startswith(f"You may not sign in from {OFFICE}.")
        assert outcomes() == ["network"]
        assert not browser.is_signed_in()

    def test_hold_for_every_request_and_not_only_for_the_sign_in(
        self, lily: User, browser: Browser
    ) -> None:
        StaffNetwork.objects.create(user=lily, network="203.0.113.0/24")
        browser.enter_password()
        browser.move_to(ELSEWHERE)

        assert browser.get("/admin/wallet/player/").status_code == 403
        assert browser.post("/admin/wallet/player/add/").status_code == 403
        assert outcomes() == ["success", "network"]
        browser.move_to(OFFICE)
        assert browser.is_signed_in()

    def test_are_those_behind_trusted_proxies_only(
        self, lily: User, browser: Browser, settings: Settings
    ) -> None:
        StaffNetwork.objects.create(user=lily, network="203.0.113.0/24")
        browser.move_to(ELSEWHERE)
        browser.client.defaults["HTTP_X_FORWARDED_FOR"] = OFFICE

        browser.enter_password()
        assert outcomes() == ["network"]

        settings.TRUSTED_PROXIES = [ip_network(f"{ELSEWHERE}/32")]
        browser.enter_password()
        assert outcomes() == ["network", "success"]

    def test_let_a_refused_staff_member_sign_out(self, lily: User, browser: Browser) -> None:
        browser.enter_password()
        StaffNetwork.objects.create(user=lily, network="192.0.2.0/24")

        browser.post("/admin/logout/")

        assert StaffSession.objects.get(user=lily).end_reason == "signed_out"
