"""Scheduled exports in the admin: described by a form, paused, run, changed, deleted, shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.test_export_form import submit
from tests.admin.world import World, signed_in
from wallet.models import AuditEvent, Export, ExportSchedule

ADD = reverse("admin:wallet_exportschedule_add")
LIST = reverse("admin:wallet_exportschedule_changelist")


@pytest.fixture
def fiona(world: World) -> Client:
    return signed_in(world.roles["Finance"])


def scheduled(client: Client, source: str = "ledger", **more: Any) -> ExportSchedule:
    answer = submit(client, f"{ADD}?source={source}", name="Nightly", rule="daily", **more)
    assert answer.status_code == 302, answer.context_data["form"].errors
    return ExportSchedule.objects.latest("pk")


def page_of(schedule: ExportSchedule, view: str = "change") -> str:
    return reverse(f"admin:wallet_exportschedule_{view}", args=[schedule.pk])


def act(client: Client, schedule: ExportSchedule, action: str) -> Any:
    return client.post(f"/admin/wallet/exportschedule/{schedule.pk}/{action}/")


class TestASchedule:
    def test_is_made_by_the_form(self, world: World, fiona: Client) -> None:
        schedule = scheduled(
            fiona, channel="7001", kinds=["bet", "payout"], zone="UTC", format="xlsx",
            kept_days="90", deliver="on",
        )  # fmt: skip

        assert (schedule.owner, schedule.name) == (world.roles["Finance"], "Nightly")
        assert (schedule.rule, schedule.kept_days, schedule.deliver) == ("daily", 90, True)
        assert schedule.request == {
            "source": "ledger",
            "zone": "UTC",
            "filters": {"channel": 7001, "kinds": ["bet", "payout"]},
            "columns": [],
            "bom": True,
            "format": "xlsx",
            "language": "en",
        }
        assert timezone.now() < schedule.next_at <= timezone.now() + timedelta(days=1)

    def test_may_be_of_a_report(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona, "daily", by=["day", "agent"], currency="CNY")

        assert schedule.request["filters"] == {"by": ["day", "agent"], "currency": "CNY"}

    def test_is_refused_without_a_name_or_for_another_channel(
        self, world: World, fiona: Client
    ) -> None:
        for wrong in ({"name": ""}, {"channel": "7002"}, {"kept_days": "0"}, {"rule": "hourly"}):
            answer = submit(fiona, f"{ADD}?source=ledger", **{"name": "x", "rule": "daily"} | wrong)
            assert set(answer.context_data["form"].errors) == set(wrong)

        assert not ExportSchedule.objects.filter(owner=world.roles["Finance"]).exists()

    def test_is_changed_by_the_same_form(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona, channel="7001", sub_channel="-", columns=["player", "amount"])

        answer = submit(fiona, page_of(schedule), rule="monthly", zone="UTC")

        assert answer.status_code == 302
        schedule.refresh_from_db()
        assert (schedule.name, schedule.rule) == ("Nightly", "monthly")
        assert schedule.next_at.day == 1
        assert schedule.request["filters"] == {"channel": 7001, "sub_channel": None}
        assert schedule.request["columns"] == ["player", "amount"]

    def test_is_deleted_with_its_history_kept(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona)
        act(fiona, schedule, "run-now")
        export = Export.objects.get(schedule=schedule)

        fiona.get(page_of(schedule, "delete"))
        assert ExportSchedule.objects.filter(pk=schedule.pk).exists()
        fiona.post(page_of(schedule, "delete"), {"post": "yes"})

        assert not ExportSchedule.objects.filter(pk=schedule.pk).exists()
        export.refresh_from_db()
        assert export.schedule is None
        trail = AuditEvent.objects.filter(
            relation="wallet_exportschedule", object_id=str(schedule.pk)
        )
        assert list(trail.order_by("pk").values_list("action", "actor__username")) == [
            ("insert", "finance"), ("delete", "finance"),
        ]  # fmt: skip


class TestItsActions:
    def test_run_it_now_and_leave_the_next_run_alone(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona, zone="UTC")

        act(fiona, schedule, "run-now")

        export = Export.objects.get(schedule=schedule)
        yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
        assert (export.request["since"], export.request["until"]) == (yesterday, yesterday)
        assert (export.state, export.requested_by) == ("queued", world.roles["Finance"])
        before = schedule.next_at
        schedule.refresh_from_db()
        assert schedule.next_at == before

    def test_pause_and_resume_it(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona)

        act(fiona, schedule, "pause")
        schedule.refresh_from_db()
        assert not schedule.active
        assert act(fiona, schedule, "pause").status_code == 403
        ExportSchedule.objects.filter(pk=schedule.pk).update(next_at=timezone.now())
        act(fiona, schedule, "resume")

        resumed = ExportSchedule.objects.get(pk=schedule.pk)
        assert resumed.active
        assert resumed.next_at > timezone.now()

    def test_do_nothing_by_being_looked_at(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona)

        for action in ("run-now", "pause"):
            fiona.get(f"/admin/wallet/exportschedule/{schedule.pk}/{action}/")

        schedule.refresh_from_db()
        assert schedule.active
        assert not Export.objects.filter(schedule=schedule).exists()

    def test_say_why_it_cannot_run(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona)
        world.roles["Finance"].groups.clear()
        root = signed_in(world.superuser)

        answer = act(root, schedule, "run-now")

        assert "You may not export this." in answer.content.decode()
        assert not Export.objects.filter(schedule=schedule).exists()


class TestItsPages:
    def test_show_the_next_run_and_the_last_ones(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona, zone="UTC")
        Export.objects.create(
            requested_by=world.roles["Finance"],
            source="ledger",
            request={"since": "2026-01-30", "until": "2026-01-30", "zone": "UTC"},
            state="failed",
            reason="The file cannot be written: No space left on device.",
            schedule=schedule,
        )
        Export.objects.create(
            requested_by=world.roles["Finance"],
            source="ledger",
            request={"since": "2026-01-31", "until": "2026-01-31", "zone": "UTC"},
            state="done",
            rows_total=1234567,
            schedule=schedule,
            deliver=True,
            delivery_problem="Could not connect",
        )

        page = fiona.get(page_of(schedule)).content.decode()
        listed = fiona.get(LIST).content.decode()

        for text in (
            "No space left on device", "2026-01-31 – 2026-01-31 · UTC", "1,234,567",
            "Could not connect", "given up", "Download",
        ):  # fmt: skip
            assert text in page
        local = timezone.localtime(schedule.next_at)
        assert f"{local:%Y-%m-%d %H:%M}" in listed

    def test_list_each_ones_last_run_in_one_query(self, world: World, fiona: Client) -> None:
        act(fiona, scheduled(fiona), "run-now")
        with CaptureQueriesContext(connection) as before:
            fiona.get(LIST)
        Export.objects.update(state="expired")
        act(fiona, scheduled(fiona), "run-now")
        again = scheduled(fiona)
        act(fiona, again, "run-now")
        Export.objects.update(state="expired")
        act(fiona, again, "run-now")

        with CaptureQueriesContext(connection) as queries:
            page: Any = fiona.get(LIST).context_data

        assert len(queries) == len(before)
        assert [
            [export.state for export in row.last_exports] for row in page["cl"].result_list
        ] == [["queued"], ["expired"], ["expired"]]

    def test_say_what_an_export_holds(self, world: World, fiona: Client) -> None:
        export = Export.objects.create(
            requested_by=world.roles["Finance"],
            source="ledger",
            request={
                "since": "2026-01-31",
                "until": "2026-01-31",
                "zone": "UTC",
                "filters": {"channel": 7001, "kinds": ["bet"], "game": None, "figure": "stakes"},
            },
        )

        page = fiona.get(reverse("admin:wallet_export_change", args=[export.pk])).content.decode()

        for text in ("Channel: 7001", "Kinds: bet", "Game: no game", "Figure: Stakes"):
            assert text in page

    def test_are_their_owners(self, world: World, fiona: Client) -> None:
        schedule = scheduled(fiona)
        other = signed_in(world.roles["Administrator"])

        assert "Nightly" not in other.get(LIST).content.decode()
        assert other.get(page_of(schedule)).status_code == 404
        assert act(other, schedule, "run-now").status_code == 404
        for who in ("Operations", "Risk", "Auditor"):
            client = signed_in(world.roles[who])
            assert client.get(LIST).status_code == 403
            assert client.post(ADD, {"name": "x"}).status_code == 403
            assert act(client, schedule, "pause").status_code == 403
        schedule.refresh_from_db()
        assert schedule.active
