"""What staff do with providers in the admin: dialogs that act by POST only."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from providers import pushing, targets
from providers.errors import TargetRefused
from providers.gateways import gateway_of
from providers.hrg.gateway import HrgGateway
from providers.models import (
    BeiyingSite,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, the_job
from wallet.models import Agent, Player, Wallet

State = ProvisioningJob.State


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def account(register: Register, agent: Agent) -> ProviderAccount:
    register(agent=agent, opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=agent.target.pk, seconds=5)
    return ProviderAccount.objects.get()


def address(model: str, action: str, pk: object) -> str:
    return f"{reverse(f'admin:providers_{model}_changelist')}{pk}/{action}/"


def page(client: Client, model: str, pk: int) -> str:
    response = client.get(reverse(f"admin:providers_{model}_change", args=[pk]))
    assert response.status_code == 200
    return response.content.decode()


def funds(amount: str, **more: Any) -> dict[str, Any]:
    return {
        "wallet": Wallet.objects.get(type_id=0).pk,
        "amount": amount,
        "reason": "asked by the player",
        "request_id": str(uuid4()),
        **more,
    }


def balance() -> Decimal:
    return Wallet.objects.get(type_id=0).balance


class TestMovingFunds:
    def test_withholds_the_money_and_tells_who_asked(
        self, staff: Client, account: ProviderAccount
    ) -> None:
        answer = staff.post(address("provideraccount", "send-funds", account.pk), funds("30.5"))
        assert answer.status_code == 302
        transfer = ProviderTransfer.objects.get()
        assert (transfer.amount, transfer.direction) == (Decimal("30.5"), "fund")
        assert transfer.requested_by == User.objects.get(username="boss")
        assert balance() == Decimal("69.5")

    def test_twice_with_the_same_form_moves_it_once(
        self, staff: Client, account: ProviderAccount
    ) -> None:
        form = funds("30.5")
        staff.post(address("provideraccount", "send-funds", account.pk), form)
        answer = staff.post(address("provideraccount", "send-funds", account.pk), form)
        assert "started already" in answer.content.decode()
        assert balance() == Decimal("69.5")

    def test_is_not_done_by_looking(self, staff: Client, account: ProviderAccount) -> None:
        answer = staff.get(address("provideraccount", "send-funds", account.pk), funds("30.5"))
        assert answer.status_code == 200
        assert balance() == Decimal(100)

    def test_without_permission_is_forbidden(
        self, client: Client, account: ProviderAccount
    ) -> None:
        client.force_login(User.objects.create_user("watcher", is_staff=True))
        answer = client.post(address("provideraccount", "send-funds", account.pk), funds("30.5"))
        assert answer.status_code == 403
        assert balance() == Decimal(100)

    def test_of_more_than_there_is_says_so(self, staff: Client, account: ProviderAccount) -> None:
        answer = staff.post(address("provideraccount", "send-funds", account.pk), funds("100.01"))
        assert "not enough money" in answer.content.decode()
        assert balance() == Decimal(100)

    def test_back_credits_after_the_push(
        self, staff: Client, account: ProviderAccount, hrg: Service
    ) -> None:
        staff.post(address("provideraccount", "send-funds", account.pk), funds("30.5"))
        pushing.push_target(target_id=account.target_id, seconds=5)
        staff.post(address("provideraccount", "take-back-funds", account.pk), funds("10"))
        assert balance() == Decimal("69.5")
        pushing.push_target(target_id=account.target_id, seconds=5)
        assert balance() == Decimal("79.5")


class TestRefreshingABalance:
    @pytest.fixture
    def funded(self, account: ProviderAccount, hrg: Service) -> ProviderAccount:
        """5.00 was paid in at HRG behind our back."""
        gateway = gateway_of(account.target)
        assert isinstance(gateway, HrgGateway)
        gateway.client.deposit(user_id="lily08", amount=Decimal(5), transaction_code="theirs")
        return account

    def test_shows_what_the_provider_says_and_when(
        self, staff: Client, funded: ProviderAccount
    ) -> None:
        began = timezone.now()
        answer = staff.post(
            address("provideraccount", "refresh-balance", funded.pk), {}, follow=True
        )
        said = re.search(
            r"The account held 5\.00 at ([-\d]{10} [:\d]{8})\.", answer.content.decode()
        )
        funded.refresh_from_db()
        assert (funded.balance, balance()) == (Decimal(5), Decimal(100))
        assert funded.balance_at is not None
        assert began < funded.balance_at < timezone.now()
        assert said is not None
        assert said[1][:10] == timezone.localtime(began).date().isoformat()
        assert LogEntry.objects.get(object_id=str(funded.pk)).get_change_message() == (
            "Refresh balance"
        )

    def test_of_a_game_asks_for_that_game(
        self, staff: Client, register: Register, site: BeiyingSite, beiying: Service
    ) -> None:
        register()
        pushing.push_target(target_id=site.target.pk, seconds=5)
        account = ProviderAccount.objects.get()
        refresh = address("provideraccount", "refresh-balance", account.pk)
        assert "This field is required" in staff.post(refresh, {}).content.decode()
        assert staff.post(refresh, {"game": "KY"}).status_code == 302
        account.refresh_from_db()
        assert account.balance == Decimal(0)

    def test_of_a_provider_that_is_down_says_so_and_keeps_what_was_known(
        self, staff: Client, funded: ProviderAccount, hrg: Service
    ) -> None:
        known = (funded.balance, funded.balance_at)
        hrg.simulator.faults.add(Fault(kind="status", value=503))
        answer = staff.post(address("provideraccount", "refresh-balance", funded.pk), {})
        assert "The provider gave no usable answer (HTTP 503" in answer.content.decode()
        funded.refresh_from_db()
        assert (funded.balance, funded.balance_at) == known
        assert not LogEntry.objects.exists()

    def test_of_a_target_that_staff_paused_asks_nothing(
        self, staff: Client, funded: ProviderAccount, hrg: Service
    ) -> None:
        Target.objects.update(state=Target.State.PAUSED)
        asked = len(hrg.simulator.requests)
        answer = staff.post(address("provideraccount", "refresh-balance", funded.pk), {})
        assert "paused by staff" in answer.content.decode()
        assert len(hrg.simulator.requests) == asked

    def test_is_not_done_by_looking(
        self, staff: Client, funded: ProviderAccount, hrg: Service
    ) -> None:
        asked = len(hrg.simulator.requests)
        answer = staff.get(address("provideraccount", "refresh-balance", funded.pk))
        assert answer.status_code == 200
        assert len(hrg.simulator.requests) == asked

    def test_without_permission_is_forbidden(
        self, client: Client, funded: ProviderAccount, hrg: Service
    ) -> None:
        asked = len(hrg.simulator.requests)
        client.force_login(User.objects.create_user("watcher", is_staff=True))
        answer = client.post(address("provideraccount", "refresh-balance", funded.pk), {})
        assert answer.status_code == 403
        assert len(hrg.simulator.requests) == asked


class TestOpeningAGame:
    def test_shows_the_link_once_and_keeps_it_nowhere(
        self, staff: Client, register: Register, site: BeiyingSite
    ) -> None:
        register()
        pushing.push_target(target_id=site.target.pk, seconds=5)
        account = ProviderAccount.objects.get()
        answer = staff.post(address("provideraccount", "open-game", account.pk), {"game": "KY"})
        assert f"{site.api_url}/login?id=" in answer.content.decode()
        assert "login?id=" not in str(list(LogEntry.objects.values()))
        assert "login?id=" not in page(staff, "provideraccount", account.pk)

    def test_is_not_offered_where_there_are_none(
        self, staff: Client, account: ProviderAccount
    ) -> None:
        answer = staff.post(address("provideraccount", "open-game", account.pk), {"game": "KY"})
        assert answer.status_code == 403


class TestATarget:
    def test_is_tested_by_a_real_call(self, staff: Client, agent: Agent, hrg: Service) -> None:
        answer = staff.post(address("target", "test", agent.target.pk), follow=True)
        assert "Our access works" in answer.content.decode()
        assert [seen.path for seen in hrg.simulator.requests] == ["/api/get_balance"]

    def test_that_refuses_us_says_why(self, staff: Client, agent: Agent, hrg: Service) -> None:
        hrg.simulator.rules["keys"] = {}
        answer = staff.post(address("target", "test", agent.target.pk))
        assert "HTTP 401" in answer.content.decode()

    def test_that_is_stopped_shows_when_it_is_probed_next(
        self, staff: Client, agent: Agent
    ) -> None:
        targets.trip(target_id=agent.target.pk, error=TargetRefused("HTTP 401"))
        [due] = Target.objects.values_list("probe_at", flat=True)
        assert due is not None
        shown = f"{timezone.localtime(due):%Y-%m-%d %H:%M:%S}"
        assert shown in page(staff, "target", agent.target.pk)
        Target.objects.update(probe_at=timezone.now())
        assert targets.due_probes() == [agent.target.pk]
        [later] = Target.objects.values_list("probe_at", flat=True)
        assert later is not None
        shown = f"{timezone.localtime(later):%Y-%m-%d %H:%M:%S}"
        assert shown in page(staff, "target", agent.target.pk)

    def test_is_not_called_by_looking(self, staff: Client, agent: Agent, hrg: Service) -> None:
        staff.get(address("target", "test", agent.target.pk))
        assert not hrg.simulator.requests

    def test_gets_the_players_that_it_lacks(
        self, staff: Client, register: Register, agent: Agent
    ) -> None:
        register()
        Player.objects.update(agent=agent)
        answer = staff.post(address("target", "push-missing", agent.target.pk), follow=True)
        assert "1 account was asked for" in answer.content.decode()
        assert ProvisioningJob.objects.count() == 1

    def test_creates_an_account_with_money_when_asked(
        self, staff: Client, register: Register, agent: Agent, hrg: Service
    ) -> None:
        register()
        Player.objects.update(agent=agent)
        form = {"username": "Lily08", "balance": "100.5", "free_credit": ""}
        staff.post(address("target", "create-account", agent.target.pk), form)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert hrg.bodies("/api/create_user") == [
            b'{"agentId":"acme01","userId":"lily08","balance":"100.5"}'
        ]

    def test_shows_its_queue_and_speed(
        self, staff: Client, register: Register, agent: Agent, hrg: Service
    ) -> None:
        register("lily08", agent=agent)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        hrg.simulator.faults.add(Fault(kind="drop_before", times=2))
        register("mona09", agent=agent)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        shown = page(staff, "target", agent.target.pk)
        assert "Calls of the last 24 hours" in shown
        assert "state__exact=unknown" in shown


class TestJobs:
    def test_are_counted_by_state(self, staff: Client, register: Register, agent: Agent) -> None:
        register("lily08", agent=agent)
        answer = staff.get(reverse("admin:providers_provisioningjob_changelist"))
        assert "state__exact=pending" in answer.content.decode()

    def test_page_shows_no_secret(
        self, staff: Client, register: Register, site: BeiyingSite
    ) -> None:
        player = register()
        pushing.push_target(target_id=site.target.pk, seconds=5)
        shown = page(staff, "provisioningjob", the_job(player).pk)
        assert ProviderAccount.objects.get().password not in shown
        assert Target.objects.get().site is not None
        assert site.secret_key not in shown
