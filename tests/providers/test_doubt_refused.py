"""A refusal of a second request says nothing of a first one whose answer was lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from providers import pushing, targets
from providers.errors import OutcomeUnknown
from providers.gateways import gateway_of
from providers.models import BeiyingSite, HrgCode, ProviderAccount, ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, the_job
from tests.providers.moving import FUND, push, start, there
from tests.providers.test_doubt import assert_undecided
from wallet.models import Agent

State = ProvisioningJob.State
DEPOSIT, HRG_CHECK = "/api/deposit", "/api/check_transfer_operation"
RECHARGE, CHECK = "/v1/funds/recharge", "/v1/funds/check"


@pytest.fixture
def at_hrg(register: Register, agent: Agent) -> ProviderAccount:
    register(agent=agent, opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=agent.target.pk, seconds=5)
    return ProviderAccount.objects.get()


class TestASecondRequestThatIsRefused:
    def test_keeps_the_money_that_hrg_may_have(
        self, at_hrg: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        HrgCode.objects.create(code="7005", reaction="permanent")
        hrg.simulator.faults.add(Fault(kind="drop_after", path=DEPOSIT))
        hrg.simulator.faults.add(Fault(kind="code", value="9999", path=HRG_CHECK, times=3))
        hrg.simulator.faults.add(Fault(kind="code", value="7005", path=DEPOSIT))
        transfer = push(push(start(at_hrg, "30")))

        assert (transfer.job.state, transfer.job.code) == (State.CONFLICT, "7005")
        assert_undecided(transfer, admin_id)
        assert there(hrg) == "30.0"

    def test_keeps_the_money_that_beiying_may_have(
        self, register: Register, site: BeiyingSite, beiying: Service, admin_id: int
    ) -> None:
        register(opening_balances={0: Decimal(100)})
        pushing.push_target(target_id=site.target.pk, seconds=5)
        beiying.simulator.faults.add(Fault(kind="drop_after", path=RECHARGE))
        beiying.simulator.faults.add(
            Fault(kind="code", value="ORDER_NOTFOUND", path=CHECK, times=3)
        )
        beiying.simulator.faults.add(Fault(kind="code", value="USERLOCK", path=RECHARGE))
        transfer = push(push(start(ProviderAccount.objects.get(), "30", FUND, "KY")))

        assert transfer.job.state == State.CONFLICT
        assert_undecided(transfer, admin_id)


class TestAnAnswerAboutAnotherOrder:
    def test_is_no_word_that_hrg_does_not_know_ours(self, at_hrg: ProviderAccount) -> None:
        gateway = gateway_of(at_hrg.target)

        assert not gateway.was_answered(OutcomeUnknown("0000", "another code"))  # type: ignore[attr-defined]
        assert gateway.was_answered(OutcomeUnknown("9999"))  # type: ignore[attr-defined]


class TestFailuresOfSeveralKinds:
    def test_make_the_waits_longer_together(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        player = register(agent=agent)
        for status in (503, 429, 429) * 10:
            hrg.simulator.faults.add(Fault(kind="status", value=status))
        for _round in range(5):
            make_due()
            pushing.push_target(target_id=agent.target.pk, seconds=5)

        job = the_job(player)
        assert (job.attempts, job.failures) == (5, 5)
        assert 0 < job.unknowns < 5


class TestAProbe:
    @pytest.mark.parametrize("reaction", ["absent", "permanent", "exists", "conflict"])
    def test_is_answered_whatever_an_administrator_takes_the_code_for(
        self, agent: Agent, hrg: Service, reaction: str
    ) -> None:
        HrgCode.objects.create(code="7001", reaction=reaction)
        hrg.simulator.faults.add(Fault(kind="code", value="7001"))

        assert targets.test_connection(agent.target) >= 0


class TestATargetThatWasOnTrialLongAgo:
    def test_raises_the_alarm_again(self, agent: Agent, caplog: pytest.LogCaptureFixture) -> None:
        long_ago = timezone.now() - timedelta(days=7)
        target = agent.target
        Target.objects.filter(pk=target.pk).update(probes=3, state_since=long_ago)

        assert targets.trip(target_id=target.pk, error=OutcomeUnknown("401"))

        assert "ALERT" in caplog.text
        target.refresh_from_db()
        assert target.probes == 0
