"""The second factor: set up, asked for, lost, required."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from tests.admin.signing_in import (
    CODE,
    HOME,
    PASSWORD,
    SIGN_IN,
    Browser,
    address_of,
    code_of,
    member,
    outcomes,
    said,
    shown_codes,
    switch_on,
)
from wallet.models import AuditEvent, SecondFactor, StaffSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

SET_UP, OFF = "/admin/security/second-factor/", "/admin/security/second-factor/off/"
WRONG_CODE = "The code is wrong or was used already. Wait for the next one and try again."


@pytest.fixture
def lily() -> User:
    return member()


@pytest.fixture
def browser(lily: User) -> Browser:
    return Browser()


class TestSettingItUp:
    def test_takes_the_password_and_a_code_and_gives_recovery_codes(
        self, lily: User, browser: Browser
    ) -> None:
        browser.enter_password()
        page = browser.get(SET_UP).content.decode()
        assert "<svg" in page
        lily.refresh_from_db()

        done = browser.post(SET_UP, password=PASSWORD, code=code_of(lily))

        assert len(set(shown_codes(done))) == 10
        assert SecondFactor.objects.get(user=lily).confirmed_at is not None
        assert browser.is_signed_in()

    def test_ends_the_sessions_elsewhere(self, lily: User, browser: Browser) -> None:
        other = Browser()
        other.enter_password()
        browser.enter_password()
        browser.get(SET_UP)

        browser.post(SET_UP, password=PASSWORD, code=code_of(lily))

        assert browser.is_signed_in()
        assert not other.is_signed_in()

    @pytest.mark.parametrize(("password", "wrong"), [("wrong", False), (PASSWORD, True)])
    def test_with_a_wrong_password_or_code_switches_nothing_on(
        self, lily: User, browser: Browser, password: str, wrong: bool
    ) -> None:
        browser.enter_password()
        browser.get(SET_UP)

        answer = browser.post(SET_UP, password=password, code="000000" if wrong else code_of(lily))

        assert said(answer)
        assert SecondFactor.objects.get(user=lily).confirmed_at is None

    def test_stores_the_secret_encrypted_and_recovery_codes_as_digests(self, lily: User) -> None:
        codes = switch_on(lily)
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret, recovery::text FROM wallet_secondfactor")
            secret, recovery = cursor.fetchone()

        assert lily.second_factor.secret not in secret
        assert not any(code in recovery or code.replace("-", "") in recovery for code in codes)
        event = AuditEvent.objects.filter(relation="wallet_secondfactor").latest("pk")
        assert event.after is not None
        assert event.after.keys() == {"recovery", "confirmed_at"}
        assert event.after["recovery"] == "•••"


class TestSigningInWithIt:
    @pytest.fixture(autouse=True)
    def codes(self, lily: User, still_clock: None) -> list[str]:
        return switch_on(lily)

    def test_takes_the_code_after_the_password(self, lily: User, browser: Browser) -> None:
        asked = browser.enter_password(path=f"{SIGN_IN}?next=/admin/wallet/player/")
        assert asked.headers["Location"].startswith(CODE)
        assert not browser.is_signed_in()

        done = browser.post(asked.headers["Location"], code=code_of(lily))

        assert done.headers["Location"] == "/admin/wallet/player/"
        assert browser.is_signed_in()
        assert StaffSession.objects.get(user=lily).verified
        assert outcomes() == ["success"]

    def test_refuses_a_wrong_code(self, browser: Browser) -> None:
        browser.enter_password()

        answer = browser.enter_code("000000")

        assert said(answer) == WRONG_CODE
        assert outcomes() == ["wrong_code"]
        assert not browser.is_signed_in()

    def test_accepts_a_code_once(self, lily: User, browser: Browser) -> None:
        code = code_of(lily)
        browser.enter_password()
        browser.enter_code(code)
        thief = Browser()
        thief.enter_password()

        answer = thief.enter_code(code)

        assert said(answer) == WRONG_CODE
        assert outcomes() == ["success", "wrong_code"]
        assert not thief.is_signed_in()

    @pytest.mark.parametrize(
        ("steps", "comes_in"), [(-2, False), (-1, True), (1, True), (2, False)]
    )
    def test_forgives_a_clock_that_is_half_a_minute_off(
        self, lily: User, browser: Browser, steps: int, comes_in: bool
    ) -> None:
        browser.enter_password()

        browser.enter_code(code_of(lily, steps=steps))

        assert browser.is_signed_in() is comes_in

    def test_counts_wrong_codes_like_wrong_passwords(self, lily: User, browser: Browser) -> None:
        browser.enter_password()
        for _ in range(5):
            browser.enter_code("000000")

        answer = browser.enter_code(code_of(lily))

        assert said(answer).startswith("Too many failed attempts.")
        assert outcomes() == ["wrong_code"] * 5 + ["locked"]
        assert not browser.is_signed_in()

    def test_needs_the_password_first(self, lily: User, browser: Browser) -> None:
        answer = browser.enter_code(code_of(lily))

        assert answer.headers["Location"] == SIGN_IN
        assert not browser.is_signed_in()

    def test_waits_five_minutes_for_the_code(
        self, lily: User, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser.enter_password()
        code = code_of(lily)
        session = browser.client.session
        session["signin_pending"] = {**session["signin_pending"], "at": 0}
        session.save()

        assert browser.enter_code(code).headers["Location"] == SIGN_IN
        assert not browser.is_signed_in()

    def test_accepts_a_recovery_code_once(self, browser: Browser, codes: list[str]) -> None:
        browser.enter_password()
        browser.enter_code(codes[0].lower().replace("-", " "))
        again = Browser()
        again.enter_password()

        answer = again.enter_code(codes[0])

        assert browser.is_signed_in()
        assert said(answer) == WRONG_CODE
        assert outcomes() == ["recovery", "wrong_code"]
        assert not again.is_signed_in()

    def test_writes_who_used_a_recovery_code_into_the_audit(
        self, lily: User, browser: Browser, codes: list[str]
    ) -> None:
        browser.enter_password()
        browser.enter_code(codes[0])

        event = AuditEvent.objects.filter(relation="wallet_secondfactor").latest("pk")
        assert (event.actor, event.after) == (lily, {"recovery": "•••"})

    def test_is_asked_of_a_session_that_did_not_show_it(self, lily: User, browser: Browser) -> None:
        browser.client.force_login(lily)

        answer = browser.get(HOME)

        assert answer.headers["Location"].startswith(SIGN_IN)


class TestSwitchingItOff:
    def test_takes_the_password_and_a_code(self, lily: User, browser: Browser) -> None:
        switch_on(lily)
        browser.enter_password()
        browser.enter_code(code_of(lily))

        refused = browser.post(OFF, password=PASSWORD, code="000000")
        assert said(refused) == WRONG_CODE
        assert SecondFactor.objects.filter(user=lily).exists()

        browser.post(OFF, password=PASSWORD, code=code_of(lily, steps=1))
        assert not SecondFactor.objects.filter(user=lily).exists()
        assert browser.is_signed_in()

    def test_new_recovery_codes_take_both_as_well(self, lily: User, browser: Browser) -> None:
        former = switch_on(lily)
        browser.enter_password()
        browser.enter_code(former[0])

        path = address_of("recovery_codes")
        done = browser.post(path, password=PASSWORD, code=code_of(lily))

        assert len(shown_codes(done)) == 10
        assert not set(shown_codes(done)) & set(former)
        other = Browser()
        other.enter_password()
        assert said(other.enter_code(former[1])) == WRONG_CODE


class TestWhereItIsRequired:
    @pytest.fixture(autouse=True)
    def _required(self, settings: Settings) -> None:
        settings.STAFF_TWO_FACTOR = True

    def test_nothing_opens_before_it_is_set_up(self, lily: User, browser: Browser) -> None:
        browser.enter_password()

        for path in (HOME, "/admin/wallet/player/", "/admin/security/"):
            assert browser.get(path).headers["Location"] == SET_UP
        assert browser.get(SET_UP).status_code == 200
        assert browser.post("/admin/wallet/player/add/").headers["Location"] == SET_UP

    def test_everything_opens_afterwards(self, lily: User, browser: Browser) -> None:
        browser.enter_password()
        browser.get(SET_UP)

        browser.post(SET_UP, password=PASSWORD, code=code_of(lily))

        assert browser.is_signed_in()

    def test_switching_it_off_leads_back_to_the_set_up(self, lily: User, browser: Browser) -> None:
        switch_on(lily)
        browser.enter_password()
        browser.enter_code(code_of(lily))

        browser.post(OFF, password=PASSWORD, code=code_of(lily, steps=1))

        assert browser.get(HOME).headers["Location"] == SET_UP
