"""A refusal of a second request says nothing of a first one whose answer was lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from providers import operations, pushing, targets
from providers.errors import OutcomeUnknown
from providers.gateways import gateway_of
from providers.models import (
    BeiyingSite,
    HrgCode,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, the_job
from tests.providers.moving import FUND, money, push, start, there
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


class TestADecision:
    @pytest.fixture
    def in_doubt(self, at_hrg: ProviderAccount, hrg: Service, admin_id: int) -> ProviderTransfer:
        """A transfer of 30.00 that HRG refused when it was sent again."""
        HrgCode.objects.create(code="7005", reaction="permanent")
        hrg.simulator.faults.add(Fault(kind="drop_after", path=DEPOSIT))
        hrg.simulator.faults.add(Fault(kind="code", value="9999", path=HRG_CHECK, times=3))
        hrg.simulator.faults.add(Fault(kind="code", value="7005", path=DEPOSIT))
        return push(push(start(at_hrg, "30")))

    @pytest.mark.parametrize(
        ("carried_out", "job", "transfer", "left"),
        [(True, "done", "settled", (70, 0)), (False, "cancelled", "released", (100, 0))],
    )
    def test_books_the_money_or_gives_it_back_once_and_keeps_who_and_why(
        self,
        in_doubt: ProviderTransfer,
        admin_id: int,
        carried_out: bool,
        job: str,
        transfer: str,
        left: tuple[int, int],
    ) -> None:
        def decide() -> None:
            operations.decide(
                job_id=in_doubt.job_id,
                carried_out=carried_out,
                reason="they looked",
                staff_id=admin_id,
            )

        decide()

        in_doubt.refresh_from_db()
        assert (in_doubt.job.state, in_doubt.state) == (job, transfer)
        assert money() == (Decimal(left[0]), Decimal(left[1]))
        note = in_doubt.job.history.latest("id")
        assert (note.note, note.actor_id) == ("they looked", admin_id)
        with pytest.raises(operations.OperationError):
            decide()
        assert money() == (Decimal(left[0]), Decimal(left[1]))

    def test_is_not_for_whoever_asked_for_the_transfer(
        self, in_doubt: ProviderTransfer, admin_id: int
    ) -> None:
        ProviderTransfer.objects.update(requested_by=admin_id)

        with pytest.raises(operations.OperationError, match="somebody else must decide"):
            operations.decide(
                job_id=in_doubt.job_id, carried_out=False, reason="x", staff_id=admin_id
            )
        assert money() == (Decimal(70), Decimal(30))

    def test_waits_while_the_provider_is_still_being_asked(
        self, at_hrg: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path=DEPOSIT))
        hrg.simulator.faults.add(Fault(kind="code", value="9999", path=HRG_CHECK))
        transfer = push(start(at_hrg, "30"))

        with pytest.raises(operations.OperationError, match="still being asked"):
            operations.decide(
                job_id=transfer.job_id, carried_out=True, reason="x", staff_id=admin_id
            )
        assert money() == (Decimal(70), Decimal(30))

    def test_is_not_for_an_account(
        self, register: Register, agent: Agent, hrg: Service, admin_id: int
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path="/api/create_user"))
        hrg.simulator.faults.add(Fault(kind="status", value=500, path="/api/get_balance"))
        player = register(agent=agent)
        pushing.push_target(target_id=agent.target.pk, seconds=5)

        with pytest.raises(operations.OperationError, match="Only a transfer"):
            operations.decide(
                job_id=the_job(player).pk, carried_out=True, reason="x", staff_id=admin_id
            )
        assert (the_job(player).state, the_job(player).in_doubt) == (State.UNKNOWN, True)
        assert money() == (Decimal(0), Decimal(0))
