"""Funds between wallets and provider accounts: never lost, never twice, told in the ledger."""

from decimal import Decimal

import pytest

from providers import operations, pushing, queue, transfers
from providers.errors import Refused
from providers.gateway import MoneyOrder
from providers.gateways import gateway_of
from providers.models import (
    HrgCode,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service
from tests.providers.moving import FUND, TAKE_BACK, kinds, money, push, start, there, wallet
from wallet import ledger
from wallet.models import Agent, EntryKind, LedgerEntry, Player, Wallet
from wallet.verification import verify

State = ProvisioningJob.State


@pytest.fixture
def account(register: Register, agent: Agent) -> ProviderAccount:
    """An account at HRG of a player with 100.00 in the wallet."""
    register(agent=agent, opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=agent.target.pk, seconds=5)
    return ProviderAccount.objects.get()


def claw_back(amount: int) -> None:
    clawback = ledger.post(
        wallet_id=wallet().pk,
        kind=EntryKind.CLAWBACK,
        amount=Decimal(-amount),
        source="test",
        reference="c-1",
    )
    assert clawback.accepted


class TestSendingFunds:
    def test_withholds_them_before_the_provider_is_called(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        start(account, "30.5")
        assert money() == (Decimal("69.5"), Decimal("30.5"))
        assert there(hrg) == "0.0"

    def test_settles_once_the_provider_has_them(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        transfer = push(start(account, "30.5"))
        assert (transfer.state, transfer.job.state) == (ProviderTransfer.State.SETTLED, State.DONE)
        assert money() == (Decimal("69.5"), Decimal(0))
        assert there(hrg) == "30.5"
        assert kinds()[-3:] == [EntryKind.HOLD, EntryKind.RELEASE, EntryKind.PROVIDER_OUT]
        account.refresh_from_db()
        assert account.balance == Decimal("30.5")

    def test_carries_our_order_id(self, account: ProviderAccount, hrg: Service) -> None:
        transfer = push(start(account, "30.5"))
        [order] = hrg.simulator.book.all()["order"]
        assert order == f"acme/{transfer.order_id}"
        assert len(transfer.order_id) <= 30

    @pytest.mark.parametrize("amount", ["100.01", "1000000"])
    def test_of_more_than_there_is_moves_nothing(
        self, account: ProviderAccount, hrg: Service, amount: str
    ) -> None:
        with pytest.raises(transfers.LedgerRefused):
            start(account, amount)
        assert money() == (Decimal(100), Decimal(0))
        assert not ProviderTransfer.objects.exists()
        assert ProvisioningJob.objects.count() == 1

    @pytest.mark.parametrize("amount", ["0", "-1", "1.23456", "NaN"])
    def test_of_no_proper_amount_moves_nothing(self, account: ProviderAccount, amount: str) -> None:
        with pytest.raises(Refused):
            start(account, amount)
        assert money() == (Decimal(100), Decimal(0))

    def test_to_an_account_that_may_not_exist_moves_nothing(self, account: ProviderAccount) -> None:
        account.confirmed_at = None
        account.save()
        with pytest.raises(transfers.AccountNotReady):
            start(account, "1")
        assert money() == (Decimal(100), Decimal(0))

    def test_from_another_players_wallet_moves_nothing(
        self, account: ProviderAccount, register: Register
    ) -> None:
        other = register("mona09", opening_balances={0: Decimal(50)})
        with pytest.raises(transfers.WrongWallet):
            transfers.start(
                account=account,
                wallet=Wallet.objects.get(player=other, type_id=0),
                direction=FUND,
                amount=Decimal(1),
                reason="x",
                staff_id=None,
            )
        assert not ProviderTransfer.objects.exists()

    def test_of_a_locked_player_moves_nothing(self, account: ProviderAccount) -> None:
        Player.objects.update(status=Player.Status.LOCKED)
        with pytest.raises(transfers.LedgerRefused):
            start(account, "1")
        assert money() == (Decimal(100), Decimal(0))


class TestFundsThatTheProviderRefuses:
    def test_are_given_back(self, account: ProviderAccount, hrg: Service) -> None:
        HrgCode.objects.create(code="7004", reaction="permanent")
        hrg.simulator.faults.add(Fault(kind="code", value="7004", path="/api/deposit"))
        transfer = push(start(account, "30.5"))
        assert (transfer.state, transfer.job.state) == (
            ProviderTransfer.State.RELEASED,
            State.REFUSED,
        )
        assert money() == (Decimal(100), Decimal(0))
        assert there(hrg) == "0.0"

    def test_and_were_given_back_are_not_sent_by_a_retry(
        self, account: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        HrgCode.objects.create(code="7004", reaction="permanent")
        hrg.simulator.faults.add(Fault(kind="code", value="7004", path="/api/deposit"))
        transfer = push(start(account, "30.5"))
        with pytest.raises(operations.OperationError):
            operations.retry(job_id=transfer.job_id, reason="x", staff_id=admin_id)
        operations.cancel(job_id=transfer.job_id, reason="x", staff_id=admin_id)
        assert money() == (Decimal(100), Decimal(0))


class TestFundsWhoseFateIsUnknown:
    @pytest.mark.parametrize("kind", ["drop_after", "garbage", "huge"])
    def test_are_settled_by_a_check_when_they_arrived(
        self, account: ProviderAccount, hrg: Service, kind: str
    ) -> None:
        hrg.simulator.faults.add(Fault(kind=kind, path="/api/deposit"))
        transfer = push(start(account, "30.5"))
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert hrg.simulator.requests[-1].path == "/api/check_transfer_operation"
        assert (money(), there(hrg)) == ((Decimal("69.5"), Decimal(0)), "30.5")

    def test_stay_withheld_while_nobody_knows(
        self, account: ProviderAccount, hrg: Service, admin_id: int
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path="/api/deposit"))
        hrg.simulator.faults.add(Fault(kind="status", value=500, times=2))
        transfer = push(start(account, "30.5"))
        assert transfer.job.state == State.UNKNOWN
        assert money() == (Decimal("69.5"), Decimal("30.5"))
        with pytest.raises(operations.OperationError):
            operations.cancel(job_id=transfer.job_id, reason="x", staff_id=admin_id)
        assert money() == (Decimal("69.5"), Decimal("30.5"))
        push(transfer)
        transfer = push(transfer)
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("69.5"), Decimal(0)), "30.5")

    def test_are_sent_once_more_when_they_did_not_arrive(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_before", path="/api/deposit"))
        transfer = push(start(account, "30.5"))
        assert transfer.job.state == State.UNKNOWN
        transfer = push(transfer)
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("69.5"), Decimal(0)), "30.5")

    def test_are_not_doubled_by_a_worker_that_was_lost(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        transfer = start(account, "30.5")
        claimed = queue.claim(target_id=account.target_id)
        assert isinstance(claimed, queue.Claim)
        gateway_of(account.target).send_money(
            MoneyOrder(
                name="lily08",
                order_id=transfer.order_id,
                amount=transfer.amount,
                to_provider=True,
                in_doubt=False,
            )
        )  # and here the worker dies
        ProvisioningJob.objects.filter(pk=transfer.job_id).update(lease_until="2020-01-01T00:00Z")
        queue.expire_leases()
        transfer = push(transfer)
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("69.5"), Decimal(0)), "30.5")

    def test_are_booked_below_zero_after_a_clawback(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        """The wallet had 80.00 taken out after the funds were withheld."""
        transfer = start(account, "30.5")
        claw_back(80)
        transfer = push(transfer)
        assert (transfer.state, transfer.job.state) == (ProviderTransfer.State.SETTLED, State.DONE)
        assert (money(), there(hrg)) == ((Decimal("-10.5"), Decimal(0)), "30.5")
        out = LedgerEntry.objects.get(reference=f"{transfer.order_id}:out")
        assert (out.outcome, out.amount, out.balance_after) == (
            LedgerEntry.Outcome.APPLIED,
            Decimal("-30.5"),
            Decimal("-10.5"),
        )
        assert verify(channel_id=account.channel_id).passed

    @pytest.mark.parametrize("status", [Player.Status.LOCKED, Player.Status.CLOSED])
    def test_are_booked_for_a_player_who_was_shut_out_meanwhile(
        self, account: ProviderAccount, hrg: Service, status: Player.Status
    ) -> None:
        transfer = start(account, "30.5")
        Player.objects.update(status=status)
        transfer = push(transfer)
        assert (transfer.state, transfer.job.state) == (ProviderTransfer.State.SETTLED, State.DONE)
        assert (money(), there(hrg)) == ((Decimal("69.5"), Decimal(0)), "30.5")
        assert verify(channel_id=account.channel_id).passed


class TestTakingFundsBack:
    def test_credits_the_wallet_once_the_provider_gave_them(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        push(start(account, "30.5"))
        transfer = start(account, "10", TAKE_BACK)
        assert money() == (Decimal("69.5"), Decimal(0))
        assert push(transfer).state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("79.5"), Decimal(0)), "20.5")
        assert kinds()[-1] == EntryKind.PROVIDER_IN

    def test_that_are_not_there_credits_nothing(
        self, account: ProviderAccount, hrg: Service
    ) -> None:
        HrgCode.objects.create(code="7005", reaction="permanent")
        transfer = push(start(account, "10", TAKE_BACK))
        assert transfer.state == ProviderTransfer.State.RELEASED
        assert money() == (Decimal(100), Decimal(0))

    def test_credits_once_after_a_lost_answer(self, account: ProviderAccount, hrg: Service) -> None:
        push(start(account, "30.5"))
        hrg.simulator.faults.add(Fault(kind="drop_after", path="/api/withdraw"))
        hrg.simulator.faults.add(Fault(kind="drop_before"))
        transfer = push(start(account, "10", TAKE_BACK))
        assert transfer.job.state == State.UNKNOWN
        assert money() == (Decimal("69.5"), Decimal(0))
        assert push(transfer).state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("79.5"), Decimal(0)), "20.5")

    @pytest.mark.parametrize("status", [Player.Status.LOCKED, Player.Status.CLOSED])
    def test_credits_a_wallet_below_zero_of_a_player_who_was_shut_out(
        self, account: ProviderAccount, hrg: Service, status: Player.Status
    ) -> None:
        push(start(account, "30.5"))
        transfer = start(account, "10", TAKE_BACK)
        claw_back(100)
        Player.objects.update(status=status)
        assert push(transfer).state == ProviderTransfer.State.SETTLED
        assert (money(), there(hrg)) == ((Decimal("-20.5"), Decimal(0)), "20.5")
        assert verify(channel_id=account.channel_id).passed
