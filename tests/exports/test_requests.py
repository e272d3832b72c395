"""What may be asked for, and by whom: at the request, at the run, at the download."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import connection

from tests.exports.making import may_export, run, today
from tests.wallet.money import new_channel, unique
from wallet.exports import jobs
from wallet.exports.sources import BadRequest, Request
from wallet.models import Channel, Export, StaffScope

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


class TestARequestThatMakesNoSense:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"source": "secrets"}, "“secrets” cannot be exported"),
            ({"format": "pdf"}, "no format “pdf”"),
            ({"columns": ["amount", "colour"]}, "no column “colour”; there are posted_at"),
            ({"filters": {"colour": 1}}, "no filter “colour”"),
            ({"filters": {"channel": "7"}}, "no channel 7"),
            ({"filters": {"channel": 2147480000}}, "no channel 2147480000"),
            ({"filters": {"wallet_type": "1"}}, "“wallet_type” does not know '1'"),
            ({"filters": {"kinds": ["theft"]}}, "“kinds” does not know"),
            ({"filters": {"played_until": "9999-12-31"}}, "“played_until” does not know"),
        ],
    )
    def test_is_refused(self, clerk: User, change: dict[str, Any], message: str) -> None:
        with pytest.raises(BadRequest, match=message):
            jobs.request_export(user=clerk, request=today(**change))

        assert not Export.objects.filter(requested_by=clerk).exists()

    def test_is_refused_for_a_channel_of_others(self, clerk: User) -> None:
        other = new_channel()

        with pytest.raises(BadRequest, match=f"There is no channel {other.pk}"):
            jobs.request_export(user=clerk, request=today(filters={"channel": other.pk}))

        assert not Export.objects.filter(requested_by=clerk).exists()

    def test_is_refused_when_it_ends_before_it_begins(self, clerk: User) -> None:
        with pytest.raises(BadRequest, match="ends before it begins"):
            jobs.request_export(
                user=clerk, request=Request(since="2026-02-02", until="2026-02-01", zone="UTC")
            )

        assert not Export.objects.filter(requested_by=clerk).exists()

    @pytest.mark.parametrize(
        "period",
        [
            {"since": "2026-01-01", "until": "9999-12-31"},
            {"since": "0001-01-01", "until": "2026-01-01"},
            {"since": "0001-01-01T00:00+14:00", "until": "2026-01-01"},
        ],
        ids=str,
    )
    def test_is_refused_at_the_ends_of_the_calendar(
        self, clerk: User, period: dict[str, str]
    ) -> None:
        request = Request(since=period["since"], until=period["until"], zone="Asia/Shanghai")

        with pytest.raises(BadRequest, match="is no date"):
            jobs.request_export(user=clerk, request=request)

        assert not Export.objects.filter(requested_by=clerk).exists()


class TestHowMuchOnePersonMayAskFor:
    @pytest.fixture(autouse=True)
    def empty_queue(self, committed_db: None) -> Iterator[None]:
        waiting = Export.objects.filter(state__in=["queued", "running"])
        waiting.update(state="cancelled")
        yield
        waiting.update(state="cancelled")

    def test_is_ten_exports_at_a_time(self, clerk: User) -> None:
        asked = [jobs.request_export(user=clerk, request=today()) for _ in range(10)]

        with pytest.raises(jobs.TooManyUnfinished, match=f"10 exports of {clerk} have not ended"):
            jobs.request_export(user=clerk, request=today())

        assert Export.objects.filter(requested_by=clerk).count() == 10
        jobs.cancel(export_id=asked[3].pk)
        jobs.request_export(user=clerk, request=today())

    def test_holds_for_requests_at_the_same_moment_too(self, clerk: User) -> None:
        for _ in range(9):
            jobs.request_export(user=clerk, request=today())

        def ask(_: int) -> bool:
            try:
                jobs.request_export(user=clerk, request=today())
            except jobs.TooManyUnfinished:
                return False
            finally:
                connection.close()
            return True

        with ThreadPoolExecutor(4) as pool:
            granted = list(pool.map(ask, range(4)))

        assert sum(granted) == 1
        assert Export.objects.filter(requested_by=clerk).count() == 10

    def test_does_not_keep_the_others_waiting(self, channel: Channel, clerk: User) -> None:
        """Whoever had a turn most lately comes last, whenever they asked."""
        other = User.objects.create_user(unique("other"), is_superuser=True)
        for _ in range(3):
            jobs.request_export(user=clerk, request=today())
        for _ in range(2):
            jobs.request_export(user=other, request=today())

        turns = []
        while export := jobs._claim():
            turns.append(export.requested_by)
            Export.objects.filter(pk=export.pk).update(state="cancelled")

        assert turns == [clerk, other, clerk, other, clerk]


class TestPermissionAndScope:
    def test_are_asked_for_at_the_request(self, channel: Channel) -> None:
        user = User.objects.create_user(unique("nobody"), is_staff=True)

        with pytest.raises(PermissionDenied):
            jobs.request_export(user=user, request=today())

        assert not Export.objects.filter(requested_by=user).exists()

    def test_are_asked_for_again_when_it_runs(self, clerk: User) -> None:
        export = jobs.request_export(user=clerk, request=today())
        clerk.user_permissions.clear()

        run(export)

        assert (export.state, export.reason) == ("failed", "You may not export this.")

    def test_are_asked_for_again_at_the_download(self, channel: Channel, clerk: User) -> None:
        export = run(jobs.request_export(user=clerk, request=today()))
        other = User.objects.create_user(unique("other"), is_staff=True)
        other.user_permissions.add(*may_export())

        assert jobs.may_download(user=clerk, export=export)
        assert not jobs.may_download(user=other, export=export)
        StaffScope.objects.create(user=other, channel=channel)
        other = User.objects.get(pk=other.pk)
        assert jobs.may_download(user=other, export=export)
        StaffScope.objects.filter(user=clerk).delete()
        assert not jobs.may_download(user=User.objects.get(pk=clerk.pk), export=export)
