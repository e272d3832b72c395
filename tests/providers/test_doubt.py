"""Money and accounts in doubt stay in doubt until the provider itself has cleared them up."""

from decimal import Decimal

import pytest

from providers import operations, pushing, targets
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
from tests.providers.moving import FUND, TAKE_BACK, money, push, start, there
from wallet.models import Agent

State = ProvisioningJob.State
Transfer = ProviderTransfer.State
RECHARGE, WITHDRAW, CHECK = "/v1/funds/recharge", "/v1/funds/withdraw", "/v1/funds/check"
DEPOSIT, HRG_CHECK = "/api/deposit", "/api/check_transfer_operation"
CREATE, BALANCE = "/api/create_user", "/api/get_balance"


@pytest.fixture
def at_hrg(register: Register, agent: Agent) -> ProviderAccount:
    """An account at HRG of a player with 100.00 in the wallet."""
    register(agent=agent, opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=agent.target.pk, seconds=5)
    return ProviderAccount.objects.get()


@pytest.fixture
def at_beiying(register: Register, site: BeiyingSite) -> ProviderAccount:
    """An account at 贝盈 of a player with 100.00 in the wallet."""
    register(opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=site.target.pk, seconds=5)
    return ProviderAccount.objects.get()


def inside(beiying: Service) -> str:
    """What the player has in KY."""
    [account] = beiying.simulator.book.all()["account"].values()
    return str(account["Balances"].get("KY", "0"))


def assert_undecided(transfer: ProviderTransfer, staff_id: int) -> None:
    """Withheld, and not to be given back by staff."""
    assert (transfer.state, transfer.job.in_doubt) == (Transfer.OPEN, True)
    assert money() == (Decimal(70), Decimal(30))
    with pytest.raises(operations.OperationError, match="may have been carried out"):
        operations.cancel(job_id=transfer.job_id, reason="x", staff_id=staff_id)
    assert money() == (Decimal(70), Decimal(30))


class TestAQuestionThatFails:
    @pytest.mark.parametrize(
        "fault",
        [
            Fault(kind="code", value="BUSY"),
            Fault(kind="code", value="PROCCESSING"),
            Fault(kind="code", value="Exception"),
            Fault(kind="code", value="IP"),
            Fault(kind="code", value="Authorization"),
            Fault(kind="code", value="CONTENT"),
            Fault(kind="code", value="NOUSER"),
            Fault(kind="code", value="NOORDER"),
            Fault(kind="code", value="NEW1"),
            Fault(kind="status", value=400),
            Fault(kind="status", value=403),
            Fault(kind="status", value=429),
            Fault(kind="drop_before"),
        ],
        ids=lambda fault: f"{fault.kind} {fault.value or ''}",
    )
    def test_about_funds_at_beiying_gives_nothing_back_and_doubles_nothing(
        self, at_beiying: ProviderAccount, beiying: Service, admin_id: int, fault: Fault
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="drop_after", path=RECHARGE))
        beiying.simulator.faults.add(Fault(kind=fault.kind, value=fault.value, path=CHECK))
        transfer = push(start(at_beiying, "30", FUND, "KY"))

        assert_undecided(transfer, admin_id)
        assert inside(beiying) == "30"
        targets.resume(target_id=at_beiying.target_id, reason="fixed", staff_id=admin_id)
        if transfer.job.state == State.CONFLICT:
            operations.retry(job_id=transfer.job_id, reason="look again", staff_id=admin_id)
        assert push(transfer).state == Transfer.SETTLED
        assert (money(), inside(beiying)) == ((Decimal(70), Decimal(0)), "30")
        assert beiying.count("order") == 1

    def test_about_funds_at_hrg_stops_the_target_and_keeps_the_doubt(
        self, at_hrg: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path=DEPOSIT))
        hrg.simulator.faults.add(Fault(kind="status", value=401, path=HRG_CHECK))
        transfer = push(start(at_hrg, "30"))

        assert transfer.job.state == State.PAUSED
        assert Target.objects.get().state == Target.State.TRIPPED
        assert_undecided(transfer, admin_id)
        targets.resume(target_id=at_hrg.target_id, reason="fixed", staff_id=admin_id)
        assert push(transfer).state == Transfer.SETTLED
        assert (money(), there(hrg)) == ((Decimal(70), Decimal(0)), "30.0")

    @pytest.mark.parametrize("reaction", ["permanent", "absent", "unknown", "target", "conflict"])
    def test_about_an_account_at_hrg_leaves_it_in_doubt(
        self, register: Register, agent: Agent, hrg: Service, reaction: str, admin_id: int
    ) -> None:
        """Whatever an administrator takes the answer's code for."""
        player = register(agent=agent)
        HrgCode.objects.create(code="7004", reaction=reaction)
        HrgCode.objects.create(code="7001", reaction="exists")
        hrg.simulator.faults.add(Fault(kind="drop_after", path=CREATE))
        hrg.simulator.faults.add(Fault(kind="code", value="7004", path=BALANCE))
        pushing.push_target(target_id=agent.target.pk, seconds=5)

        assert the_job(player).in_doubt
        assert the_job(player).state != State.REFUSED
        targets.resume(target_id=agent.target.pk, reason="fixed", staff_id=admin_id)
        if the_job(player).state == State.CONFLICT:
            operations.retry(job_id=the_job(player).pk, reason="again", staff_id=admin_id)
        make_due()
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert the_job(player).state == State.DONE
        assert hrg.count() == 1

    @pytest.mark.parametrize("reaction", ["permanent", "absent", "unknown"])
    def test_with_a_code_sends_to_hrg_again_under_the_same_transaction_code(
        self, at_hrg: ProviderAccount, hrg: Service, reaction: str
    ) -> None:
        HrgCode.objects.create(code="7007", reaction=reaction)
        hrg.simulator.faults.add(Fault(kind="drop_before", path=DEPOSIT))
        transfer = push(start(at_hrg, "30"))
        assert (transfer.state, transfer.job.in_doubt) == (Transfer.OPEN, True)

        assert push(transfer).state == Transfer.SETTLED
        assert (money(), there(hrg)) == ((Decimal(70), Decimal(0)), "30.0")
        first, second = hrg.bodies(DEPOSIT)
        assert first == second


class TestABusyProvider:
    @pytest.mark.parametrize("code", ["BUSY", "TIMEOUT", "PROCCESSING", "MAINTENANCE"])
    def test_that_recorded_the_order_is_asked_and_not_sent_it_again(
        self, at_beiying: ProviderAccount, beiying: Service, admin_id: int, code: str
    ) -> None:
        """It did the transfer, then answered that it is busy; and it stays so for a day."""
        transfer = start(at_beiying, "30", FUND, "KY")
        beiying.simulator.faults.add(Fault(kind="drop_after", path=RECHARGE))
        beiying.simulator.faults.add(Fault(kind="code", value=code, path=CHECK, times=9))
        for _round in range(8):
            transfer = push(transfer)
            assert (transfer.job.state, transfer.job.code) == (State.UNKNOWN, code)
            assert transfer.job.next_attempt_at is not None
        assert_undecided(transfer, admin_id)
        push(transfer)

        assert push(transfer).state == Transfer.SETTLED
        assert len(beiying.bodies(RECHARGE)) == 1

    def test_that_did_nothing_is_sent_the_order_when_it_is_not_busy_any_more(
        self, at_beiying: ProviderAccount, beiying: Service, admin_id: int
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="BUSY", path=RECHARGE, times=2))
        transfer = push(start(at_beiying, "30", FUND, "KY"))
        assert (transfer.job.state, transfer.job.code) == (State.UNKNOWN, "BUSY")
        assert_undecided(transfer, admin_id)
        push(transfer)

        assert push(transfer).state == Transfer.SETTLED
        assert [seen.path for seen in beiying.simulator.requests][1:] == [
            *(RECHARGE, CHECK),
            *(CHECK, RECHARGE, CHECK),
            *(CHECK, RECHARGE),
        ]
        assert inside(beiying) == "30"

    def test_of_hrg_as_an_administrator_reads_its_code_is_asked_too(
        self, at_hrg: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        HrgCode.objects.create(code="7010", reaction="passing")
        hrg.simulator.faults.add(Fault(kind="code", value="7010", path=DEPOSIT))
        transfer = push(start(at_hrg, "30"))
        assert_undecided(transfer, admin_id)
        assert push(transfer).state == Transfer.SETTLED


class TestAnAnswerAboutAnOrder:
    def test_that_it_failed_gives_the_funds_back(
        self, at_beiying: ProviderAccount, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="drop_before", path=RECHARGE))
        beiying.simulator.faults.add(Fault(kind="code", value="ORDER_FAILD", path=CHECK))
        transfer = push(start(at_beiying, "30", FUND, "KY"))
        assert (transfer.state, transfer.job.state) == (Transfer.RELEASED, State.REFUSED)
        assert not transfer.job.in_doubt
        assert money() == (Decimal(100), Decimal(0))

    @pytest.mark.parametrize(
        "other", [{"OrderID": "another", "Money": 30}, {"Money": 3}, {"Money": "x"}, {}]
    )
    def test_that_is_not_about_ours_is_not_believed(
        self,
        at_beiying: ProviderAccount,
        beiying: Service,
        admin_id: int,
        other: dict[str, object],
    ) -> None:
        transfer = start(at_beiying, "30", FUND, "KY")
        answer = {"Code": "Success", "OrderID": transfer.order_id, **other}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer, path=RECHARGE))
        beiying.simulator.faults.add(Fault(kind="answer", value=answer, path=CHECK))
        transfer = push(transfer)
        assert transfer.job.state == State.UNKNOWN
        assert_undecided(transfer, admin_id)

    @pytest.mark.parametrize(
        "other",
        [
            {"transactionCode": "another"},
            {"userId": "mona09"},
            {"agentId": "other"},
            {"depositAmount": "3"},
            {"depositAmount": "NaN"},
        ],
    )
    def test_of_hrg_that_is_not_about_ours_is_not_believed(
        self, at_hrg: ProviderAccount, hrg: Service, admin_id: int, other: dict[str, str]
    ) -> None:
        answer = {"code": "0000", "data": {"depositAmount": "30", **other}}
        hrg.simulator.faults.add(Fault(kind="answer", value=answer, path=DEPOSIT))
        hrg.simulator.faults.add(Fault(kind="status", value=500, path=HRG_CHECK))
        transfer = push(start(at_hrg, "30"))
        assert_undecided(transfer, admin_id)

    @pytest.mark.parametrize("balance", ["1e400", "9" * 30, "-"])
    def test_with_a_balance_that_makes_no_sense_settles_all_the_same(
        self, at_hrg: ProviderAccount, hrg: Service, balance: str
    ) -> None:
        answer = {"code": "0000", "data": {"depositAmount": "30", "currentBalance": balance}}
        hrg.simulator.faults.add(Fault(kind="answer", value=answer, path=DEPOSIT))
        known = at_hrg.balance
        assert push(start(at_hrg, "30")).state == Transfer.SETTLED
        at_hrg.refresh_from_db()
        assert at_hrg.balance == known
        assert money() == (Decimal(70), Decimal(0))

    def test_of_beiying_with_a_balance_that_makes_no_sense_settles_all_the_same(
        self, at_beiying: ProviderAccount, beiying: Service
    ) -> None:
        transfer = start(at_beiying, "30", FUND, "KY")
        answer = {"Code": "Success", "OrderID": transfer.order_id, "Money": 30, "Balance": 10**40}
        beiying.simulator.faults.add(Fault(kind="answer", value=answer, path=RECHARGE))
        assert push(transfer).state == Transfer.SETTLED
        assert money() == (Decimal(70), Decimal(0))


class TestTakingBackFromBeiying:
    def test_credits_once_after_a_used_order_id(
        self, at_beiying: ProviderAccount, beiying: Service
    ) -> None:
        push(start(at_beiying, "30", FUND, "KY"))
        transfer = start(at_beiying, "10", TAKE_BACK, "KY")
        beiying.simulator.faults.add(Fault(kind="drop_after", path=WITHDRAW))
        beiying.simulator.faults.add(Fault(kind="code", value="ORDER_NOTFOUND", path=CHECK))
        transfer = push(transfer)
        assert (transfer.state, transfer.job.state) == (Transfer.OPEN, State.UNKNOWN)
        beiying.simulator.faults.add(Fault(kind="code", value="ORDER_NOTFOUND", path=CHECK))
        assert push(transfer).state == Transfer.SETTLED
        paths = [seen.path for seen in beiying.simulator.requests][-5:]
        assert paths == [WITHDRAW, CHECK, CHECK, WITHDRAW, CHECK]
        assert (money(), inside(beiying)) == ((Decimal(80), Decimal(0)), "20")

    @pytest.mark.parametrize(
        ("code", "state"),
        [("USERLOCK", Transfer.RELEASED), ("NOUSER", Transfer.RELEASED), ("Faild", Transfer.OPEN)],
    )
    def test_that_is_refused_credits_nothing(
        self, at_beiying: ProviderAccount, beiying: Service, code: str, state: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code, path=WITHDRAW))
        assert push(start(at_beiying, "10", TAKE_BACK, "KY")).state == state
        assert money() == (Decimal(100), Decimal(0))
