"""What becomes of differences, and of comparisons that wait."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from tests.providers.conftest import Service
from tests.providers.reconciliation.days import (
    ZONE,
    compare,
    record,
)
from tests.wallet.money import Purse
from wallet.models import Channel, Reconciliation, ReconciliationItem
from wallet.reconciliation import runs


class TestADifference:
    @pytest.fixture
    def item(self, purse: Purse, channel: Channel, ebet: Service) -> ReconciliationItem:
        ebet.simulator.rules["seq_nos"].append(record("x-1"))
        return compare(channel).items.get()

    def test_is_resolved_once_with_a_reason(self, item: ReconciliationItem, admin_id: int) -> None:
        runs.resolve(item_id=item.pk, user_id=admin_id, reason="eBET paid it by hand")

        with pytest.raises(runs.AlreadyResolved):
            runs.resolve(item_id=item.pk, user_id=admin_id, reason="again")
        item.refresh_from_db()
        assert item.resolution == "eBET paid it by hand"

    def test_stays_resolved_in_the_next_comparison_while_it_is_the_same(
        self, item: ReconciliationItem, channel: Channel, admin_id: int, ebet: Service
    ) -> None:
        runs.resolve(item_id=item.pk, user_id=admin_id, reason="known")

        again = compare(channel).items.get()
        assert (again.resolution, again.resolved_by_id) == ("known", admin_id)

        ebet.simulator.rules["seq_nos"][-1]["status"] = 201
        assert compare(channel).items.get().resolution == ""


class TestTheQueue:
    def test_is_worked_off_in_order_and_takes_over_from_lost_workers(
        self, purse: Purse, channel: Channel
    ) -> None:
        today = timezone.localdate()
        waiting = runs.request(channel=channel, provider="ebet", day=today, zone=ZONE)
        busy = runs.request(channel=channel, provider="ebet", day=today, zone=ZONE, at_once=True)
        lost = runs.request(channel=channel, provider="ebet", day=today, zone=ZONE, at_once=True)
        Reconciliation.objects.filter(pk=lost.pk).update(
            started_at=timezone.now() - timedelta(hours=2)
        )

        call_command("run_reconciliations", stdout=io.StringIO())

        states = dict(Reconciliation.objects.values_list("pk", "state"))
        assert states == {waiting.pk: "done", busy.pk: "running", lost.pk: "done"}
