"""A day compared with eBET's memory of it: exactly what differs is reported."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from providers.ebet import history
from providers.simulators.faults import Fault
from tests.providers.conftest import Service
from tests.providers.reconciliation.days import (
    compare,
    found,
    record,
)
from tests.wallet.money import Purse
from wallet.models import Channel, ChannelKey, Reconciliation
from wallet.reconciliation import runs


class TestADayAsEbetRemembersIt:
    def test_has_no_differences(self, purse: Purse, channel: Channel) -> None:
        run = compare(channel)

        assert found(run) == []
        assert (run.ours, run.theirs) == (5, 4)

    def test_that_has_one_of_each_difference_reports_exactly_those(
        self, purse: Purse, channel: Channel, ebet: Service
    ) -> None:
        seq_nos = ebet.simulator.rules["seq_nos"]
        seq_nos[:] = [row for row in seq_nos if row["seqNo"] not in {"p-1", "f-3"}]
        seq_nos += [record("x-1"), record("x-2", status=1003)]
        seq_nos[0]["status"] = 4003  # we carried it out, eBET believes that we did not
        seq_nos[1]["status"] = 200  # we refused it, eBET believes that we carried it out
        seq_nos[2]["username"] = "other"

        run = compare(channel)

        assert found(run) == [
            ("different", "b-1", "status"),
            ("different", "b-2", "status"),
            ("different", "b-3", "player"),
            ("extra", "f-3"),
            ("extra", "p-1"),
            ("missing", "x-1"),
        ]
        missing = run.items.get(key="x-1")
        assert (missing.ours, missing.entry, missing.username) == (None, None, "lily08")
        assert missing.theirs is not None
        assert missing.theirs["says"] == "200"
        extra = run.items.get(key="p-1")
        assert extra.entry is not None
        assert (extra.entry.reference, extra.theirs) == ("p-1", None)
        assert extra.ours is not None
        assert Decimal(extra.ours["amount"]) == 120

    def test_is_read_page_by_page(
        self, purse: Purse, channel: Channel, ebet: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(history, "PAGE", 3)

        assert found(compare(channel)) == []
        assert len(ebet.bodies("/getseqnorecord")) == 3

    def test_takes_a_message_that_was_sent_again_once(
        self, purse: Purse, channel: Channel, ebet: Service
    ) -> None:
        ebet.simulator.rules["seq_nos"].insert(0, record("b-1", status=500))
        ebet.simulator.rules["seq_nos"].append(record("p-1", status=4003))

        assert found(compare(channel)) == []

    def test_leaves_to_the_day_before_what_belongs_to_it(
        self, purse: Purse, channel: Channel, ebet: Service
    ) -> None:
        """eBET's clock may be minutes off: a record beyond midnight is ours, not a difference."""
        midnight = compare(channel).since
        rows = {row["seqNo"]: row for row in ebet.simulator.rules["seq_nos"]}
        rows["b-1"].update(record("b-1", at=midnight - timedelta(minutes=5)))
        ebet.simulator.rules["seq_nos"].append(record("x", at=midnight - timedelta(minutes=1)))

        run = compare(channel)

        assert found(run) == []
        assert run.theirs == 3

    @pytest.mark.parametrize(
        ("fault", "message"),
        [
            (Fault(kind="status", value=502, times=0), "HTTP 502"),
            (Fault(kind="garbage", times=0), "unreadable"),
            (Fault(kind="drop_before", times=0), "did not answer as it should"),
            (Fault(kind="code", value="4026", times=0), "4026"),
        ],
    )
    def test_says_nothing_when_ebet_does_not_answer(
        self, purse: Purse, channel: Channel, ebet: Service, fault: Fault, message: str
    ) -> None:
        ebet.simulator.faults.add(fault)

        run = compare(channel)

        assert run.state == Reconciliation.State.FAILED
        assert message in run.reason
        assert not run.items.exists()

    def test_needs_an_address_and_a_key(self, purse: Purse, channel: Channel) -> None:
        ChannelKey.objects.update(state=ChannelKey.State.RETIRED, private_pem="")

        assert "no active key" in compare(channel).reason

    def test_that_has_not_begun_cannot_be_compared(self, channel: Channel) -> None:
        tomorrow = timezone.localdate() + timedelta(days=2)

        with pytest.raises(runs.NotPossible, match="has not begun"):
            runs.request(channel=channel, provider="ebet", day=tomorrow, zone="UTC")
