"""Funds inside the games of 贝盈: per game, and checked before they are sent again."""

from decimal import Decimal

import pytest

from providers import operations, pushing, transfers
from providers.models import (
    BeiyingSite,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
)
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service
from tests.providers.moving import money, push, start

State = ProvisioningJob.State


@pytest.fixture
def game_account(register: Register, site: BeiyingSite) -> ProviderAccount:
    """An account at 贝盈 of a player with 100.00 in the wallet."""
    register(opening_balances={0: Decimal(100)})
    pushing.push_target(target_id=site.target.pk, seconds=5)
    return ProviderAccount.objects.get()


class TestATransferToAGame:
    def test_goes_into_that_game(self, game_account: ProviderAccount, beiying: Service) -> None:
        transfer = push(start(game_account, "12.34", game="KY"))
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert beiying.simulator.book.all()["account"]["12/lily08"]["Balances"] == {"KY": "12.34"}
        assert money() == (Decimal("87.66"), Decimal(0))

    @pytest.mark.parametrize("game", ["", "FOO"])
    def test_needs_a_game_of_the_list(self, game_account: ProviderAccount, game: str) -> None:
        with pytest.raises(transfers.WrongWallet):
            start(game_account, "1", game=game)
        assert money() == (Decimal(100), Decimal(0))

    @pytest.mark.parametrize("code", ["Exception", "BUSY", "PROCCESSING", "TIMEOUT"])
    def test_is_checked_first_after_an_unclear_answer(
        self, game_account: ProviderAccount, beiying: Service, code: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code, path="/v1/funds/recharge"))
        transfer = push(start(game_account, "5", game="KY"))
        assert transfer.job.state == State.UNKNOWN
        assert beiying.simulator.requests[-1].path == "/v1/funds/check"
        transfer = push(transfer)
        assert transfer.state == ProviderTransfer.State.SETTLED
        paths = [seen.path.removeprefix("/v1/funds/") for seen in beiying.simulator.requests]
        assert paths[-4:] == ["recharge", "check", "check", "recharge"]
        assert beiying.count("order") == 1

    @pytest.mark.parametrize("code", ["NOBALANCE", "USERLOCK", "BADMONEY", "ORDER_FAILD"])
    def test_that_is_refused_gives_the_money_back(
        self, game_account: ProviderAccount, beiying: Service, code: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code, path="/v1/funds/recharge"))
        transfer = push(start(game_account, "5", game="KY"))
        assert transfer.state == ProviderTransfer.State.RELEASED
        assert money() == (Decimal(100), Decimal(0))

    @pytest.mark.parametrize("code", ["Faild", "NEW1"])
    def test_of_an_unjudged_answer_keeps_the_money_withheld(
        self, game_account: ProviderAccount, beiying: Service, code: str, admin_id: int
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code, path="/v1/funds/recharge"))
        transfer = push(start(game_account, "5", game="KY"))
        assert transfer.job.state == State.CONFLICT
        assert money() == (Decimal(95), Decimal(5))
        operations.retry(job_id=transfer.job_id, reason="ask again", staff_id=admin_id)
        transfer = push(transfer)
        assert transfer.state == ProviderTransfer.State.SETTLED
        assert beiying.count("order") == 1

    def test_under_a_used_order_id_is_taken_for_done_only_after_a_check(
        self, game_account: ProviderAccount, beiying: Service
    ) -> None:
        beiying.simulator.faults.add(
            Fault(kind="code", value="EXISTSORDER", path="/v1/funds/recharge")
        )
        transfer = push(start(game_account, "5", game="KY"))
        assert transfer.job.state == State.CONFLICT
        assert money() == (Decimal(95), Decimal(5))

    def test_without_credit_stops_the_site_and_keeps_its_place(
        self, game_account: ProviderAccount, beiying: Service
    ) -> None:
        beiying.simulator.rules["credit"] = "1"
        transfer = push(start(game_account, "5", game="KY"))
        assert transfer.job.state == State.PAUSED
        assert money() == (Decimal(95), Decimal(5))
