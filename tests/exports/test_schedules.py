"""Exports that come by themselves: which period, when, and with whose eyes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tests.wallet.money import new_channel, unique
from wallet.exports.jobs import cancel
from wallet.exports.schedules import (
    ended_before,
    next_run,
    request_due,
    run_now,
    schedule_export,
)
from wallet.exports.sources import BadRequest
from wallet.models import Export, ExportSchedule, StaffScope

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def clerk() -> User:
    user = User.objects.create_user(unique("clerk"), is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["export_ledger", "view_ledgerentry"])
    )
    StaffScope.objects.create(user=user, channel=new_channel())
    return user


def scheduled(clerk: User, rule: str = "daily", **request: object) -> ExportSchedule:
    return schedule_export(
        owner=clerk,
        name="Night",
        request={"zone": "Asia/Shanghai", "format": "xlsx", **request},
        rule=rule,
        kept_days=90,
    )


def make_due(schedule: ExportSchedule, moment: datetime) -> None:
    ExportSchedule.objects.filter(pk=schedule.pk).update(next_at=moment)


class TestThePeriod:
    @pytest.mark.parametrize(
        ("rule", "day", "first", "last"),
        [
            ("daily", date(2026, 3, 1), date(2026, 2, 28), date(2026, 2, 28)),
            ("weekly", date(2026, 3, 2), date(2026, 2, 23), date(2026, 3, 1)),
            ("weekly", date(2026, 3, 8), date(2026, 2, 23), date(2026, 3, 1)),
            ("monthly", date(2026, 3, 1), date(2026, 2, 1), date(2026, 2, 28)),
            ("monthly", date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        ],
    )
    def test_is_the_one_that_ended_last(
        self, rule: str, day: date, first: date, last: date
    ) -> None:
        assert ended_before(rule, day) == (first, last)


class TestTheNextRun:
    @pytest.mark.parametrize(
        ("rule", "run"),
        [
            ("daily", datetime(2026, 3, 5, 1, 30, tzinfo=SHANGHAI)),
            ("weekly", datetime(2026, 3, 9, 1, 30, tzinfo=SHANGHAI)),
            ("monthly", datetime(2026, 4, 1, 1, 30, tzinfo=SHANGHAI)),
        ],
    )
    def test_is_in_the_night_after_the_period(self, rule: str, run: datetime) -> None:
        wednesday = datetime(2026, 3, 4, 9, tzinfo=SHANGHAI)

        assert next_run(rule, wednesday, SHANGHAI) == run

    def test_may_be_tonight(self) -> None:
        midnight = datetime(2026, 3, 4, 0, 10, tzinfo=SHANGHAI)

        assert next_run("daily", midnight, SHANGHAI) == midnight.replace(hour=1, minute=30)


class TestASchedule:
    def test_asks_for_the_export_when_its_time_has_come(self, clerk: User) -> None:
        schedule = scheduled(clerk, filters={"kinds": ["bet"]})
        assert request_due() == 0
        moment = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)  # 01:30 of the 5th in Shanghai
        make_due(schedule, moment)

        assert request_due() == 1

        export = Export.objects.get(requested_by=clerk)
        assert (export.state, export.format, export.kept_days) == ("queued", "xlsx", 90)
        assert (export.request["since"], export.request["until"]) == ("2026-03-04", "2026-03-04")
        assert export.request["filters"] == {"kinds": ["bet"]}
        schedule.refresh_from_db()
        assert schedule.exports.get() == export
        assert timezone.now() < schedule.next_at <= timezone.now() + timedelta(days=1)
        assert request_due() == 0

    def test_says_when_its_owner_may_not_see_it_any_more(self, clerk: User) -> None:
        schedule = scheduled(clerk)
        clerk.user_permissions.clear()
        make_due(schedule, timezone.now())

        assert request_due() == 0

        schedule.refresh_from_db()
        assert schedule.problem == "You may not export this."
        assert schedule.next_at > timezone.now()
        assert not Export.objects.filter(requested_by=clerk).exists()

    def test_stays_due_while_its_owner_has_ten_exports_under_way(self, clerk: User) -> None:
        schedule = scheduled(clerk)
        asked = [run_now(schedule) for _ in range(10)]
        moment = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
        make_due(schedule, moment)

        assert request_due() == 0

        schedule.refresh_from_db()
        assert (schedule.next_at, schedule.problem) == (moment, "")
        assert Export.objects.filter(requested_by=clerk).count() == 10
        cancel(export_id=asked[0].pk)
        assert request_due() == 1
        assert Export.objects.latest("pk").request["since"] == "2026-03-04"

    def test_rests_while_it_is_switched_off(self, clerk: User) -> None:
        schedule = scheduled(clerk)
        make_due(schedule, timezone.now())
        ExportSchedule.objects.filter(pk=schedule.pk).update(active=False)

        assert request_due() == 0

    def test_is_refused_for_what_makes_no_sense(self, clerk: User) -> None:
        with pytest.raises(BadRequest):
            scheduled(clerk, columns=["colour"])
        with pytest.raises(BadRequest):
            scheduled(clerk, zone="Mars/Base")
        with pytest.raises(PermissionDenied):
            scheduled(User.objects.create_user(unique("nobody")))

        assert not ExportSchedule.objects.filter(owner=clerk).exists()
