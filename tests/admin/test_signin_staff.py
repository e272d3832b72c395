"""Sessions, passwords, and what administrators do about a colleague's sign-in."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.admin.signing_in import (
    HOME,
    OFFICE,
    PASSWORD,
    SIGN_IN,
    Browser,
    address_of,
    member,
    outcomes,
    said,
    switch_on,
)
from wallet.models import AuditEvent, SecondFactor, StaffLogin, StaffNetwork, StaffSession

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still_clock")]

NEW_PASSWORD = "staple paper clip"


@pytest.fixture
def lily() -> User:
    return member(email="lily.anderson@example.com")


@pytest.fixture
def browser(lily: User) -> Browser:
    browser = Browser()
    browser.enter_password()
    return browser


@pytest.fixture
def boss() -> User:
    return member("boss", role="Administrator")


@pytest.fixture
def desk(boss: User) -> Browser:
    desk = Browser()
    desk.enter_password(username="boss")
    return desk


class TestOnesOwnSessions:
    def test_are_listed_and_ended_one_by_one(self, lily: User, browser: Browser) -> None:
        other = Browser(address="198.51.100.9")
        other.enter_password()
        assert "198.51.100.9" in browser.get("/admin/security/").content.decode()
        session = StaffSession.objects.get(user=lily, address="198.51.100.9")

        browser.post(address_of("end_session", session.pk))

        session.refresh_from_db()
        assert session.end_reason == "signed_out"
        assert other.get(HOME).headers["Location"] == f"{SIGN_IN}?next=%2Fadmin%2F"
        assert browser.is_signed_in()

    def test_are_ended_all_but_this_one(self, browser: Browser) -> None:
        others = [Browser(), Browser()]
        for other in others:
            other.enter_password()

        browser.post(address_of("end_other_sessions"))

        assert browser.is_signed_in()
        assert not any(other.is_signed_in() for other in others)

    def test_are_not_ended_by_a_link(self, browser: Browser) -> None:
        assert browser.get(address_of("end_other_sessions")).status_code == 405

    def test_do_not_include_those_of_others(self, lily: User, desk: Browser, boss: User) -> None:
        session = StaffSession.objects.create(user=lily)

        answer = desk.post(address_of("end_session", session.pk))

        session.refresh_from_db()
        assert answer.status_code == 404
        assert session.ended_at is None

    def test_end_after_twelve_hours_whatever_happens(self, lily: User, browser: Browser) -> None:
        StaffSession.objects.filter(user=lily).update(
            started_at=timezone.now() - timedelta(hours=12)
        )

        assert not browser.is_signed_in()

    def test_end_with_the_sign_out(self, lily: User, browser: Browser) -> None:
        browser.post("/admin/logout/")

        assert StaffSession.objects.get(user=lily).end_reason == "signed_out"
        assert not browser.is_signed_in()


class TestANewPassword:
    def _change(self, browser: Browser, password: str) -> object:
        return browser.post(
            "/admin/password_change/",
            old_password=PASSWORD,
            new_password1=password,
            new_password2=password,
        )

    def test_ends_the_sessions_elsewhere(self, lily: User, browser: Browser) -> None:
        other = Browser()
        other.enter_password()

        self._change(browser, NEW_PASSWORD)

        assert browser.is_signed_in()
        assert not other.is_signed_in()
        reasons = StaffSession.objects.filter(user=lily).values_list("end_reason", flat=True)
        assert set(reasons) == {"", "password"}

    @pytest.mark.parametrize(
        "password", ["elevenchars", "123456789012345", "password1234", "lily.anderson7"]
    )
    def test_that_is_easy_to_guess_is_refused(
        self, lily: User, browser: Browser, password: str
    ) -> None:
        answer = self._change(browser, password)

        assert said(answer)
        lily.refresh_from_db()
        assert lily.check_password(PASSWORD)

    def test_given_by_an_administrator_ends_all_sessions(
        self, lily: User, browser: Browser, desk: Browser
    ) -> None:
        path = address_of("admin:auth_user_password_change", lily.pk)

        desk.post(path, usable_password="true", password1=NEW_PASSWORD, password2=NEW_PASSWORD)

        assert not browser.is_signed_in()
        assert StaffSession.objects.get(user=lily).end_reason == "password"


class TestAnAdministrator:
    def test_unlocks_a_colleague(self, lily: User, desk: Browser, boss: User) -> None:
        locked = Browser(address="198.51.100.9")
        for _ in range(5):
            locked.enter_password("wrong")

        desk.post(f"/admin/auth/user/{lily.pk}/unlock/")

        unlocked = StaffLogin.objects.latest("pk")
        assert (unlocked.outcome, unlocked.username, unlocked.by) == ("unlocked", "lily", boss)
        locked.enter_password()
        assert locked.is_signed_in()

    def test_unlocks_an_address_from_one_of_its_attempts(self, lily: User, boss: User) -> None:
        guesser = Browser(address="198.51.100.9")
        for number in range(20):
            guesser.enter_password("wrong", username=f"guess{number}")
        root = member("root", is_superuser=True)
        desk = Browser()
        desk.enter_password(username=root.username)
        attempt = StaffLogin.objects.filter(address="198.51.100.9").latest("pk")

        desk.post(f"/admin/wallet/stafflogin/{attempt.pk}/unlock/")

        guesser.enter_password()
        assert guesser.is_signed_in()

    def test_resets_the_second_factor_of_a_colleague_who_lost_it(
        self, lily: User, desk: Browser, boss: User
    ) -> None:
        switch_on(lily)

        desk.post(f"/admin/auth/user/{lily.pk}/reset-second-factor/")

        assert not SecondFactor.objects.filter(user=lily).exists()
        event = AuditEvent.objects.filter(relation="wallet_secondfactor").latest("pk")
        assert (event.action, event.actor, event.address) == ("delete", boss, OFFICE)
        browser = Browser()
        browser.enter_password()
        assert browser.is_signed_in()

    def test_cannot_reset_their_own_without_showing_it(self, desk: Browser, boss: User) -> None:
        switch_on(boss)
        StaffSession.objects.filter(user=boss).update(verified=True)

        answer = desk.post(f"/admin/auth/user/{boss.pk}/reset-second-factor/")

        assert answer.status_code == 403
        assert SecondFactor.objects.filter(user=boss).exists()

    def test_cannot_reset_that_of_a_superuser(self, desk: Browser) -> None:
        root = member("root", is_superuser=True)
        switch_on(root)

        answer = desk.post(f"/admin/auth/user/{root.pk}/reset-second-factor/")

        assert answer.status_code == 404
        assert SecondFactor.objects.filter(user=root).exists()

    def test_ends_the_sessions_of_a_colleague(
        self, lily: User, browser: Browser, desk: Browser
    ) -> None:
        desk.post(f"/admin/auth/user/{lily.pk}/end-sessions/")

        assert not browser.is_signed_in()
        assert StaffSession.objects.get(user=lily).end_reason == "staff"

    def test_limits_a_colleague_to_a_network(
        self, lily: User, browser: Browser, desk: Browser
    ) -> None:
        desk.post(address_of("admin:auth_user_change", lily.pk), **_form(lily, "192.0.2.0/24"))

        assert StaffNetwork.objects.get(user=lily).network == "192.0.2.0/24"
        assert browser.get(HOME).status_code == 403

    def test_does_not_choose_from_where_to_work_themselves(self, desk: Browser, boss: User) -> None:
        StaffNetwork.objects.create(user=boss, network="203.0.113.0/24")

        desk.post(address_of("admin:auth_user_change", boss.pk), **_form(boss, "0.0.0.0/0"))

        assert [row.network for row in boss.staff_networks.all()] == ["203.0.113.0/24"]

    def test_does_not_lock_themselves_out(self, boss: User) -> None:
        root = member("root", is_superuser=True)
        desk = Browser()
        desk.enter_password(username="root")

        answer = desk.post(
            address_of("admin:auth_user_change", root.pk), **_form(root, "192.0.2.0/24")
        )

        assert "You would lock yourself out" in answer.content.decode()
        assert not StaffNetwork.objects.filter(user=root).exists()


class TestOperations:
    """Who may not."""

    @pytest.mark.parametrize("action", ["unlock", "reset-second-factor", "end-sessions"])
    def test_may_do_nothing_about_a_colleagues_sign_in(self, lily: User, action: str) -> None:
        rose = member("rose")
        switch_on(rose)
        for _ in range(5):
            Browser().enter_password("wrong", username="rose")
        browser = Browser()
        browser.enter_password()

        answer = browser.post(f"/admin/auth/user/{rose.pk}/{action}/")

        assert answer.status_code == 403
        assert SecondFactor.objects.filter(user=rose).exists()
        assert outcomes("rose") == ["wrong_password"] * 5


def _form(user: User, network: str) -> dict[str, object]:
    """What the page of a staff member posts, with one more network."""
    existing = list(user.staff_networks.all())
    data: dict[str, object] = {
        "username": user.username,
        "is_active": "on",
        "groups": [group.pk for group in user.groups.all()],
        "scopes-TOTAL_FORMS": 0,
        "scopes-INITIAL_FORMS": 0,
        "staff_networks-TOTAL_FORMS": len(existing) + 1,
        "staff_networks-INITIAL_FORMS": len(existing),
        f"staff_networks-{len(existing)}-network": network,
        f"staff_networks-{len(existing)}-user": user.pk,
    }
    if user.is_superuser:
        data["is_superuser"] = "on"
    for number, row in enumerate(existing):
        data[f"staff_networks-{number}-id"] = row.pk
        data[f"staff_networks-{number}-user"] = user.pk
        data[f"staff_networks-{number}-network"] = row.network
    return data
