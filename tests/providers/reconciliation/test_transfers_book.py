"""A day of transfers compared with HRG's log, and with what 贝盈 answers about each order."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from providers import pushing, reconciliation, transfers
from providers.models import BeiyingSite, ProviderAccount, ProviderTransfer
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due
from wallet.models import Agent, Channel, Reconciliation, Wallet
from wallet.reconciliation import runs

FUND, TAKE_BACK = ProviderTransfer.Direction.FUND, ProviderTransfer.Direction.TAKE_BACK


@pytest.fixture
def account(register: Register, agent: Agent) -> ProviderAccount:
    """An account at HRG of a player with 1,000.00 in the wallet."""
    register(agent=agent, opening_balances={0: Decimal(1000)})
    pushing.push_target(target_id=agent.target.pk, seconds=5)
    return ProviderAccount.objects.get()


@pytest.fixture
def game_account(register: Register, site: BeiyingSite) -> ProviderAccount:
    """The same at 贝盈."""
    register(opening_balances={0: Decimal(1000)})
    pushing.push_target(target_id=site.target.pk, seconds=5)
    return ProviderAccount.objects.get()


def transfer(
    account: ProviderAccount, amount: str, direction: str = FUND, game: str = ""
) -> ProviderTransfer:
    started = transfers.start(
        account=account,
        wallet=Wallet.objects.get(type_id=0),
        direction=direction,
        amount=Decimal(amount),
        reason="test",
        staff_id=None,
        game=game,
    )
    make_due()
    pushing.push_target(target_id=account.target_id, seconds=5)
    return ProviderTransfer.objects.get(pk=started.pk)


def compare(channel: Channel, provider: str) -> Reconciliation:
    run = runs.request(
        channel=channel,
        provider=provider,
        day=timezone.localdate(),
        zone="Asia/Shanghai",
        at_once=True,
    )
    return reconciliation.carry_out(run)


def found(run: Reconciliation) -> list[tuple[Any, ...]]:
    assert run.state == Reconciliation.State.DONE, run.reason
    return sorted((item.difference, item.key, *item.differing) for item in run.items.all())


def change(service: Service, key: str, **members: Any) -> None:
    order = service.simulator.book.get("order", key)
    assert order is not None
    service.simulator.book.put("order", key, {**order, **members})


def forget(service: Service, key: str) -> None:
    service.simulator.book._db.execute("DELETE FROM documents WHERE key = ?", (key,))


class TestHrg:
    def test_has_no_differences(self, account: ProviderAccount, channel: Channel) -> None:
        transfer(account, "30.5")
        transfer(account, "10", TAKE_BACK)

        run = compare(channel, "hrg")

        assert found(run) == []
        assert (run.ours, run.theirs) == (2, 2)

    def test_reports_exactly_what_differs(
        self, account: ProviderAccount, channel: Channel, hrg: Service
    ) -> None:
        same, other, lost, refused = (transfer(account, text) for text in ("1", "2", "3", "4"))
        change(hrg, f"acme/{other.order_id}", amount="20.0")
        forget(hrg, f"acme/{lost.order_id}")
        ProviderTransfer.objects.filter(pk=refused.pk).update(state="released")
        order = hrg.simulator.book.get("order", f"acme/{same.order_id}")
        assert order is not None
        hrg.simulator.book.put("order", "acme/unknown", {**order, "transactionCode": "unknown"})

        run = compare(channel, "hrg")

        assert found(run) == sorted(
            [
                ("different", other.order_id, "amount"),
                ("different", refused.order_id, "status"),
                ("extra", lost.order_id),
                ("missing", "unknown"),
            ]
        )
        entry = run.items.get(key=other.order_id).entry
        assert entry is not None
        assert (entry.kind, entry.amount) == ("provider_out", Decimal(-2))

    def test_is_asked_for_what_its_log_has_under_another_day(
        self, account: ProviderAccount, channel: Channel, hrg: Service
    ) -> None:
        late = transfer(account, "5")
        change(hrg, f"acme/{late.order_id}", operationTime="2020-01-01T00:00:00.000+0800")

        assert found(compare(channel, "hrg")) == []

    def test_that_does_not_answer_says_nothing(
        self, account: ProviderAccount, channel: Channel, hrg: Service
    ) -> None:
        transfer(account, "5")
        hrg.simulator.faults.add(Fault(kind="drop_before", times=0))

        run = compare(channel, "hrg")

        assert run.state == Reconciliation.State.FAILED
        assert "did not answer as it should" in run.reason

    def test_is_not_asked_about_a_transfer_that_is_still_open(
        self, account: ProviderAccount, channel: Channel
    ) -> None:
        transfers.start(
            account=account,
            wallet=Wallet.objects.get(type_id=0),
            direction=FUND,
            amount=Decimal(5),
            reason="test",
            staff_id=None,
        )

        assert found(compare(channel, "hrg")) == []


class TestBeiying:
    def test_has_no_differences(self, game_account: ProviderAccount, channel: Channel) -> None:
        transfer(game_account, "30", game="KY")
        transfer(game_account, "10", TAKE_BACK, game="KY")

        run = compare(channel, "beiying")

        assert found(run) == []
        assert (run.ours, run.theirs) == (2, 2)

    def test_reports_exactly_what_differs(
        self, game_account: ProviderAccount, channel: Channel, beiying: Service
    ) -> None:
        same, other, lost, failed, undecided, released = (
            transfer(game_account, text, game="KY") for text in ("1", "2", "3", "4", "5", "6")
        )
        change(beiying, f"12/{other.order_id}", Money="20")
        forget(beiying, f"12/{lost.order_id}")
        change(beiying, f"12/{failed.order_id}", Status=2)
        change(beiying, f"12/{undecided.order_id}", Status=0)
        ProviderTransfer.objects.filter(pk=released.pk).update(state="released")

        run = compare(channel, "beiying")

        assert same.order_id not in {item.key for item in run.items.all()}
        assert found(run) == sorted(
            [
                ("different", other.order_id, "amount"),
                ("different", failed.order_id, "status"),
                ("different", undecided.order_id, "status"),
                ("different", released.order_id, "status"),
                ("extra", lost.order_id),
            ]
        )

    def test_that_does_not_answer_says_nothing(
        self, game_account: ProviderAccount, channel: Channel, beiying: Service
    ) -> None:
        transfer(game_account, "5", game="KY")
        beiying.simulator.faults.add(Fault(kind="status", value=502, times=0))

        assert compare(channel, "beiying").state == Reconciliation.State.FAILED


class TestTheCommand:
    def test_takes_files_of_ebet_only(self, channel: Channel) -> None:
        with pytest.raises(CommandError, match="Only eBET's records come from a file") as failure:
            call_command("reconcile", "hrg", channel=channel.pk, file="x", stdout=io.StringIO())

        assert failure.value.returncode == 2
