"""A day compared with eBET's memory of it: exactly what differs is reported."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from providers import reconciliation
from providers.ebet import history
from providers.ebet.history import BadFile
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service
from tests.providers.keys import key_pair
from tests.wallet.money import Purse
from wallet.models import Channel, ChannelKey, EntryKind, Reconciliation, ReconciliationItem
from wallet.reconciliation import runs

PUBLIC, PRIVATE = key_pair()
# A zone in which it is neither shortly before nor shortly after midnight.
ZONE = "UTC" if 1 <= datetime.now(UTC).hour < 22 else "Asia/Shanghai"


@pytest.fixture
def purse(channel: Channel, register: Register, ebet: Service) -> Purse:
    """A player whose day at eBET had one message of every sort."""
    channel.ebet_api_url = ebet.url
    channel.save()
    ChannelKey.objects.create(
        channel=channel,
        state=ChannelKey.State.ACTIVE,
        public_pem=PUBLIC,
        private_pem=PRIVATE,
        fingerprint="1" * 64,
        bits=1024,
    )
    ebet.simulator.rules["keys"] = {str(channel.pk): PUBLIC}
    purse = Purse(player=register(opening_balances={0: Decimal(1000)}))
    move(purse, EntryKind.BET, "-80", "b-1")
    move(purse, EntryKind.PAYOUT, "120", "p-1")
    move(purse, EntryKind.BET, "-5000", "b-2")  # refused
    move(purse, EntryKind.BET, "-10", "b-3")
    purse.reverse("b-3", "f-3/b-3", source="ebet:refund", targets=["ebet:1"])
    purse.reverse("b-never", "f-4/b-never", source="ebet:refund", targets=["ebet:1"])
    purse.post(EntryKind.DEPOSIT, "50", reference="d-1")  # none of eBET's business
    ebet.simulator.rules["seq_nos"] = [
        record("b-1"),
        record("p-1"),
        record("b-2", status=1003),
        record("b-3"),
        record("f-3", event="refundSingleWallet"),
        record("f-4", event="refundSingleWallet"),
        record("q-1", event="syncCredit"),
        record("q-2", event="registerOrLogin", status=401),
    ]
    return purse


def move(purse: Purse, kind: EntryKind, amount: str, seq_no: str) -> None:
    code = {EntryKind.BET: 1, EntryKind.PAYOUT: 2}[kind]
    purse.post(kind, amount, source=f"ebet:{code}", reference=seq_no)


def record(seq_no: str, *, at: datetime | None = None, **members: Any) -> dict[str, Any]:
    """One message as eBET remembers it, answered 200 by us a moment ago."""
    text = f"{(at or timezone.now()).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
    return {
        "seqNo": seq_no,
        "username": "lily08",
        "event": "increaseCredit",
        "startRequestTime": text,
        "endResponseTime": text,
        "status": 200,
        **members,
    }


def compare(channel: Channel, file: bytes | None = None) -> Reconciliation:
    run = runs.request(
        channel=channel,
        provider="ebet",
        day=timezone.localtime(timezone=UTC if ZONE == "UTC" else None).date(),
        zone=ZONE,
        file=io.BytesIO(file) if file is not None else None,
        at_once=True,
    )
    return reconciliation.carry_out(run)


def found(run: Reconciliation) -> list[tuple[Any, ...]]:
    assert run.state == Reconciliation.State.DONE, run.reason
    items = run.items.order_by("difference", "key")
    return [(item.difference, item.key, *item.differing) for item in items]


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


FILE = """\
SeqNo,Status,Event,Username,StartRequestTime,Type,Money
b-1,200,increaseCredit,lily08,,1,-80.00
p-1,200,increaseCredit,LILY08,,2,120
b-2,1003,increaseCredit,lily08,,1,-5000
b-3,200,increaseCredit,lily08,,1,-10
f-3,200,refundSingleWallet,lily08,,,
"""


class TestAFile:
    def test_is_compared_with_its_amounts(self, purse: Purse, channel: Channel) -> None:
        assert found(compare(channel, FILE.encode())) == []

        changed = FILE.replace("120", "121").replace("b-3,", "b-9,")
        run = compare(channel, b"\xef\xbb\xbf" + changed.encode())

        assert found(run) == [
            ("different", "p-1", "amount"),
            ("extra", "b-3"),
            ("missing", "b-9"),
        ]

    def test_may_hold_several_types_under_one_seq_no(self, purse: Purse, channel: Channel) -> None:
        move(purse, EntryKind.PAYOUT, "7", "b-1")

        run = compare(channel, (FILE + "b-1,200,increaseCredit,lily08,,2,7\n").encode())

        assert found(run) == []

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "Line 0 .* there is no column seqno, status"),
            (b"seqNo,user\nb-1,lily\n", "Line 1 .* there is no column status"),
            (b"seqNo,status\nb-1,ok\n", "Line 2 .* a numeric status"),
            (b"seqNo,status\n,200\n", "Line 2 .* needs a seqNo"),
            (b"seqNo,status\nb-1\n", "Line 2 .* 1 cells under 2 titles"),
            (b"seqNo,status,money\nb-1,200,1\nb-2,200,much\n", "Line 3 .* “much” is no amount"),
            (b"seqNo,status,money\nb-1,200,NaN\n", "Line 2 .* “NaN” is no amount"),
            (b'seqNo,status\n"b-1,200\n', "cannot be read"),
            (b"\xff\xfe\x00,\x00", "cannot be read"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, content: bytes, message: str) -> None:
        with pytest.raises(BadFile, match=message):
            list(history.read_csv(io.BytesIO(content)))

    def test_that_makes_no_sense_fails_the_day(self, purse: Purse, channel: Channel) -> None:
        run = compare(channel, b"nonsense")

        assert run.state == Reconciliation.State.FAILED
        assert run.reason.startswith("Line 1 of the file cannot be read")

    def test_that_is_gone_fails_the_day(self, purse: Purse, channel: Channel) -> None:
        run = runs.request(
            channel=channel, provider="ebet", day=timezone.localdate(), zone=ZONE,
            file=io.BytesIO(b"x"), at_once=True,
        )  # fmt: skip
        Path(run.file.path).unlink()

        assert "cannot be read: No such file" in reconciliation.carry_out(run).reason


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


class TestTheCommand:
    def run(self, *arguments: str) -> str:
        output = io.StringIO()
        day = timezone.localtime(timezone=UTC if ZONE == "UTC" else None).date().isoformat()
        call_command(
            "reconcile", "ebet", *arguments, timezone=ZONE, stdout=output,
            **({} if "--day" in arguments else {"day": day}),
        )  # fmt: skip
        return output.getvalue()

    def test_prints_that_nothing_differs(self, purse: Purse, channel: Channel) -> None:
        said = self.run("--channel", str(channel.pk))

        assert "5 records here, 4 there" in said
        assert said.endswith("No differences to resolve.\n")

    def test_fails_while_differences_are_unresolved(
        self, purse: Purse, channel: Channel, ebet: Service, admin_id: int, tmp_path: Path
    ) -> None:
        ebet.simulator.rules["seq_nos"].append(record("x-1"))

        with pytest.raises(CommandError, match="1 differences to resolve") as failure:
            self.run("--channel", str(channel.pk))
        assert failure.value.returncode == 1
        item = ReconciliationItem.objects.get()
        runs.resolve(item_id=item.pk, user_id=admin_id, reason="known")

        assert "missing: x-1 lily08, resolved: known" in self.run("--channel", str(channel.pk))

    def test_reads_a_file(self, purse: Purse, channel: Channel, tmp_path: Path) -> None:
        path = tmp_path / "ebet.csv"
        path.write_text(FILE)

        assert "No differences" in self.run("--channel", str(channel.pk), "--file", str(path))

    @pytest.mark.parametrize(
        ("arguments", "message", "code"),
        [
            (["--channel", "999999"], "There is no channel 999999", 2),
            (["--day", "2026-02-30"], "That is no day", 2),
            (["--day", "2999-01-01"], "has not begun", 2),
            (["--file", "/absent.csv"], "/absent.csv cannot be read: No such file", 2),
        ],
    )
    def test_refuses_what_makes_no_sense(
        self, purse: Purse, channel: Channel, arguments: list[str], message: str, code: int
    ) -> None:
        with pytest.raises(CommandError, match=message) as failure:
            self.run(*(["--channel", str(channel.pk)] if "--channel" not in arguments else []),
                     *arguments)  # fmt: skip

        assert failure.value.returncode == code
        assert not Reconciliation.objects.exists()

    def test_says_when_the_day_could_not_be_compared(
        self, purse: Purse, channel: Channel, ebet: Service
    ) -> None:
        ebet.simulator.faults.add(Fault(kind="status", value=500, times=0))

        with pytest.raises(CommandError, match="HTTP 500") as failure:
            self.run("--channel", str(channel.pk))

        assert failure.value.returncode == 3
