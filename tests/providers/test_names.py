"""Names and aliases: deterministic, unique at the target, or refused by policy."""

import re

import pytest

from providers import operations, provisioning, pushing
from providers.models import BeiyingSite, ProviderAccount, ProvisioningJob, Target
from tests.providers.conftest import Register, Service, target_of, the_job
from wallet import players
from wallet.models import Agent, Channel, Player

State = ProvisioningJob.State


class TestANameTheProviderTakes:
    @pytest.mark.parametrize("name", ["lily08", "a" * 50])
    def test_is_used_as_it_is(self, register: Register, agent: Agent, name: str) -> None:
        register(name, agent=agent)
        account = ProviderAccount.objects.get()
        assert (account.external_name, account.is_alias) == (name, False)


class TestANameTheProviderCannotTake:
    @pytest.mark.parametrize("name", ["lily-08", "lily_08", "lily.08", "li@ly", "a" * 51])
    def test_g03_gets_an_alias_at_hrg(
        self, register: Register, agent: Agent, hrg: Service, name: str
    ) -> None:
        register(name, agent=agent)
        account = ProviderAccount.objects.get()
        assert account.is_alias
        assert re.fullmatch(r"p[a-z2-7]{11}", account.external_name)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert list(hrg.simulator.book.all()["account"]) == [f"acme/{account.external_name}"]

    @pytest.mark.parametrize("name", ["a", "a" * 13, "a.b"])
    def test_h05_gets_an_alias_at_beiying(
        self, register: Register, site: BeiyingSite, name: str
    ) -> None:
        register(name)
        assert len(ProviderAccount.objects.get().external_name) == 12

    def test_gets_the_same_alias_every_time(self, register: Register, agent: Agent) -> None:
        player = register("lily_08", agent=agent)
        alias = ProviderAccount.objects.get().external_name
        ProvisioningJob.objects.all().delete()
        ProviderAccount.objects.all().delete()
        provisioning.enqueue_player(player=player)
        assert ProviderAccount.objects.get().external_name == alias

    def test_gets_the_alias_that_staff_gave_it(self, register: Register, agent: Agent) -> None:
        register("lily_08", agent=agent, alias="lily08vip")
        assert ProviderAccount.objects.get().external_name == "lily08vip"

    def test_gets_the_alias_in_lower_case_as_the_provider_keeps_it(
        self, register: Register, site: BeiyingSite
    ) -> None:
        """Mona and mona would be one account at 贝盈, with one player's money in it."""
        register("mona")
        register("li.ly", alias="Mona")
        names = ProviderAccount.objects.order_by("pk").values_list("external_name", flat=True)
        assert names[0] == "mona"
        assert re.fullmatch(r"p[a-z2-7]{11}", names[1])

    def test_gets_a_derived_alias_when_that_of_staff_will_not_do(
        self, register: Register, agent: Agent
    ) -> None:
        register("lily_08", agent=agent, alias="Lily 08")
        assert re.fullmatch(r"p[a-z2-7]{11}", ProviderAccount.objects.get().external_name)

    def test_g03_is_refused_by_policy_before_any_request(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        Target.objects.update(name_policy=Target.NamePolicy.REFUSE)
        player = register("lily_08", agent=agent)
        job = the_job(player)
        assert (job.state, job.code) == (State.REFUSED, "invalid_name")
        assert not ProviderAccount.objects.exists()
        assert pushing.push_target(target_id=agent.target.pk, seconds=5) == 0
        assert not hrg.simulator.requests

    def test_that_policy_refused_goes_out_once_staff_gave_an_alias(
        self, register: Register, agent: Agent, hrg: Service, admin_id: int
    ) -> None:
        Target.objects.update(name_policy=Target.NamePolicy.REFUSE)
        player = register("lily_08", agent=agent)
        job = the_job(player)
        with pytest.raises(operations.OperationError):
            operations.retry(job_id=job.pk, reason="again", staff_id=admin_id)
        Player.objects.filter(pk=player.pk).update(alias="lily08vip")
        operations.retry(job_id=job.pk, reason="alias given", staff_id=admin_id)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert the_job(player).state == State.DONE
        assert list(hrg.simulator.book.all()["account"]) == ["acme/lily08vip"]


class TestANameThatAnotherChannelUsesAtTheSameSite:
    def test_gets_an_alias(self, register: Register, site: BeiyingSite, beiying: Service) -> None:
        other = Channel.objects.create(id=-site.channel_id, name="South", currency="CNY")
        BeiyingSite.objects.create(
            channel=other, api_url=site.api_url + "/", site_id=12, secret_key=site.secret_key
        )
        register("lily08")
        second = players.register(channel=other, username="lily08")
        account = ProviderAccount.objects.get(player=second)
        assert account.is_alias
        assert account.external_name != "lily08"

    def test_is_free_at_another_site(self, register: Register, site: BeiyingSite) -> None:
        other = Channel.objects.create(id=-site.channel_id, name="South", currency="CNY")
        BeiyingSite.objects.create(
            channel=other, api_url=site.api_url, site_id=13, secret_key=site.secret_key
        )
        register("lily08")
        second = players.register(channel=other, username="lily08")
        assert ProviderAccount.objects.get(player=second).external_name == "lily08"

    def test_follows_the_site_when_its_address_changes(
        self, register: Register, site: BeiyingSite
    ) -> None:
        register("lily08")
        site.api_url = "https://new.example"
        site.save()
        assert ProviderAccount.objects.get().namespace == target_of(site).namespace
        assert "new.example" in target_of(site).namespace
