"""Cancelling many transfers at once: what is certain goes back, once; the rest stays withheld."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from providers.models import ProviderAccount, ProvisioningJob
from tests.providers.bulk import CANCEL, State, ask_for, outcomes, work
from tests.providers.moving import kinds, money, start
from wallet import ledger

pytestmark = pytest.mark.django_db


class TestCancellingTransfers:
    @pytest.fixture
    def transfers(self, account: ProviderAccount) -> list[ProvisioningJob]:
        """Three that withhold 30 each of 100; the last may have been carried out."""
        account.confirmed_at = timezone.now()
        account.save()
        jobs = [start(account, "30").job for _number in range(3)]
        ProvisioningJob.objects.filter(pk=jobs[2].pk).update(state=State.UNKNOWN, in_doubt=True)
        assert money() == (Decimal(10), Decimal(90))
        return jobs

    def test_gives_back_what_is_certain_and_leaves_what_is_not(
        self, transfers: list[ProvisioningJob], olga: User
    ) -> None:
        run = ask_for(olga, transfers, CANCEL)

        work(run)

        assert outcomes(run) == {"done": 2, "refused": 1}
        assert run.items.get(job=transfers[2]).reason == (
            "The transfer may have been carried out: retry to check, or decide."
        )
        assert money() == (Decimal(70), Decimal(30))
        assert kinds().count("release") == 2

    def test_in_two_runs_gives_back_once(
        self, transfers: list[ProvisioningJob], olga: User
    ) -> None:
        first, second = (ask_for(olga, transfers[:2], CANCEL) for _run in range(2))

        work(first)
        work(second)

        assert (outcomes(first), outcomes(second)) == ({"done": 2}, {"refused": 2})
        assert money() == (Decimal(70), Decimal(30))

    def test_waits_for_no_busy_wallet(
        self, transfers: list[ProvisioningJob], olga: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def busy(**values: Any) -> None:
            raise ledger.Busy

        monkeypatch.setattr(ledger, "post", busy)
        run = ask_for(olga, transfers[:1], CANCEL)

        work(run)

        assert run.items.get().reason == (
            "The wallet is busy; nothing was written. Try again in a moment."
        )
        assert money() == (Decimal(10), Decimal(90))
        assert transfers[0].history.count() == 0
