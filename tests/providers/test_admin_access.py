"""What staff read and are asked about our access to providers, and about accounts there."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from providers import pushing
from providers.models import BeiyingSite, HrgCode, ProviderAccount, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, target_of
from tests.providers.moving import FUND, push, start
from wallet.models import Agent, Channel, Player, StaffScope


@pytest.fixture
def staff(db: None, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def at_beiying(register: Register, site: BeiyingSite) -> ProviderAccount:
    register("li.ly", opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=site.target.pk, seconds=5)
    return ProviderAccount.objects.get()


def address(model: str, pk: object, action: str = "change") -> str:
    return f"{reverse(f'admin:providers_{model}_changelist')}{pk}/{action}/"


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


class TestARefusalOrFailure:
    @pytest.mark.parametrize(
        ("fault", "sentence"),
        [
            (
                Fault(kind="status", value=401),
                "HTTP 401 (credentials or address refused). Check the address, the ID and the",
            ),
            (
                Fault(kind="code", value="IP"),
                "The provider refuses our access: IP (address not allowed, simulated IP).",
            ),
            (
                Fault(kind="code", value="BUSY"),
                "cannot be reached or is busy: BUSY (system busy, simulated BUSY). Nothing was",
            ),
            (
                Fault(kind="status", value=503),
                "The provider gave no usable answer: HTTP 503. Try again;",
            ),
            (
                Fault(kind="code", value="NEW1"),
                "The provider answers what a person must judge: NEW1 (simulated NEW1).",
            ),
        ],
    )
    def test_says_what_it_means_and_what_to_do(
        self, staff: Client, site: BeiyingSite, beiying: Service, fault: Fault, sentence: str
    ) -> None:
        beiying.simulator.faults.add(fault)
        answer = staff.post(address("target", site.target.pk, "test"))
        assert sentence in answer.content.decode()

    def test_of_a_provider_that_nobody_reaches_says_so(
        self, staff: Client, site: BeiyingSite
    ) -> None:
        BeiyingSite.objects.update(api_url="http://127.0.0.1:9")
        answer = staff.post(address("target", site.target.pk, "test")).content.decode()
        assert "cannot be reached or is busy: not_sent (ConnectError" in answer
        assert "Nothing was done; try again in a few minutes." in answer

    def test_of_hrg_tells_the_meaning_that_an_administrator_entered(
        self, staff: Client, agent: Agent, hrg: Service
    ) -> None:
        HrgCode.objects.create(code="7100", reaction="target", meaning="contract suspended")
        hrg.simulator.faults.add(Fault(kind="code", value="7100"))
        answer = staff.post(address("target", agent.target.pk, "test")).content.decode()
        assert "The provider refuses our access: 7100 (contract suspended)." in answer

    def test_of_opening_a_game_is_said_in_the_form(
        self, staff: Client, at_beiying: ProviderAccount, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="USERLOCK"))
        path = address("provideraccount", at_beiying.pk, "open-game")
        answer = staff.post(path, {"game": "KY"}).content.decode()
        assert "The provider refuses this request: USERLOCK (user is locked, simulated" in answer


class TestAnHrgCode:
    def save(self, client: Client, **form: Any) -> str:
        path = reverse("admin:providers_hrgcode_add")
        return client.post(path, {"meaning": "x", **form}, follow=True).content.decode()

    def test_is_entered_by_an_administrator(self, staff: Client) -> None:
        self.save(staff, code="7001", reaction="exists")
        assert HrgCode.objects.get().reaction == "exists"

    @pytest.mark.parametrize(
        ("form", "reason"),
        [
            ({"code": "7001", "reaction": ""}, "This field is required."),
            ({"code": "7001", "reaction": "done"}, "done is not one of the available choices"),
            ({"code": "0000", "reaction": "unknown"}, "0000 is success and cannot mean"),
            ({"code": "701", "reaction": "unknown"}, "Enter a valid value."),
        ],
    )
    def test_that_makes_no_sense_is_refused(
        self, staff: Client, form: dict[str, str], reason: str
    ) -> None:
        assert reason in self.save(staff, **form)
        assert not HrgCode.objects.exists()

    def test_is_nobodys_who_sees_some_channels_only(self, client: Client, channel: Channel) -> None:
        user = User.objects.create_user("north", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(content_type__model="hrgcode"))
        StaffScope.objects.create(user=user, channel=channel)
        client.force_login(user)
        response = client.post(
            reverse("admin:providers_hrgcode_add"), {"code": "7001", "reaction": "exists"}
        )
        assert response.status_code == 403
        assert not HrgCode.objects.exists()


class TestAnAccountsPage:
    def test_shows_the_alias_its_jobs_and_its_transfers(
        self, staff: Client, at_beiying: ProviderAccount
    ) -> None:
        transfer = push(start(at_beiying, "30.5", FUND, "KY"))
        shown = read(staff, address("provideraccount", at_beiying.pk))
        assert at_beiying.is_alias
        for text in (at_beiying.external_name, "alias", "30.50", "KY", "send funds"):
            assert text in shown
        assert address("provisioningjob", transfer.job_id) in shown
        assert address("providertransfer", transfer.pk) in shown

    def test_keeps_from_a_reader_what_the_reader_may_not_see(
        self, client: Client, at_beiying: ProviderAccount
    ) -> None:
        transfer = push(start(at_beiying, "30.5", FUND, "KY"))
        user = User.objects.create_user("reader", is_staff=True)
        user.user_permissions.add(Permission.objects.get(codename="view_provideraccount"))
        StaffScope.objects.create(user=user, channel=at_beiying.channel)
        client.force_login(user)
        shown = read(client, address("provideraccount", at_beiying.pk))
        assert at_beiying.external_name in shown
        assert address("provisioningjob", transfer.job_id) not in shown
        assert address("providertransfer", transfer.pk) not in shown

    @pytest.mark.parametrize("action", ["send-funds", "refresh-balance", "open-game"])
    def test_asks_for_the_game_and_proposes_none(
        self, staff: Client, at_beiying: ProviderAccount, beiying: Service, action: str
    ) -> None:
        path = address("provideraccount", at_beiying.pk, action)
        asked = len(beiying.simulator.requests)
        assert '<option value="" selected>Select value</option>' in read(staff, path)
        assert "This field is required." in staff.post(path, {"game": ""}).content.decode()
        assert len(beiying.simulator.requests) == asked

    @pytest.mark.parametrize("status", [Player.Status.LOCKED, Player.Status.CLOSED])
    def test_opens_no_game_for_a_player_who_is_shut_out(
        self, staff: Client, at_beiying: ProviderAccount, beiying: Service, status: str
    ) -> None:
        Player.objects.update(status=status)
        asked = len(beiying.simulator.requests)
        path = address("provideraccount", at_beiying.pk, "open-game")
        assert staff.post(path, {"game": "KY"}).status_code == 403
        assert len(beiying.simulator.requests) == asked

    def test_opens_no_game_where_staff_paused_the_target(
        self, staff: Client, at_beiying: ProviderAccount, beiying: Service
    ) -> None:
        Target.objects.update(state=Target.State.PAUSED)
        asked = len(beiying.simulator.requests)
        path = address("provideraccount", at_beiying.pk, "open-game")
        answer = staff.post(path, {"game": "KY"}).content.decode()
        assert "The target is paused by staff" in answer
        assert len(beiying.simulator.requests) == asked


class TestAnAccountWithMoney:
    def test_has_free_credit_only_where_the_agent_has_it(
        self, staff: Client, register: Register, agent: Agent, hrg: Service
    ) -> None:
        register()
        Player.objects.update(agent=agent)
        path = address("target", agent.target.pk, "create-account")
        assert "Free credit there" not in read(staff, path)
        Agent.objects.update(free_credit=True)
        assert "Free credit there" in read(staff, path)
        staff.post(path, {"username": "lily08", "balance": "", "free_credit": "7.5"})
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert hrg.bodies("/api/create_user") == [
            b'{"agentId":"acme01","userId":"lily08","freeCredit":"7.5"}'
        ]


class TestATargetsName:
    def test_is_what_the_provider_calls_us(
        self, agent: Agent, site: BeiyingSite, channel: Channel
    ) -> None:
        assert str(target_of(agent)) == f"HRG {channel.pk}/acme01"
        assert str(target_of(site)) == f"贝盈 {channel.pk}/12"

    def test_follows_the_access(self, site: BeiyingSite, channel: Channel) -> None:
        site.site_id = 13
        site.save()
        assert str(target_of(site)) == f"贝盈 {channel.pk}/13"
