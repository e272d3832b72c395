"""Exports that come by themselves: what has ended is exported in the night after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone, translation

from wallet.exports import jobs
from wallet.exports.periods import BadPeriod, zone_of
from wallet.exports.sources import BadRequest, Request
from wallet.models import Export, ExportSchedule

HOUR: Final = time(1, 30)  # late enough for what was still on its way at midnight


def schedule_export(
    *,
    owner: User,
    name: str,
    request: Mapping[str, Any],
    rule: str,
    kept_days: int = 30,
    deliver: bool = False,
) -> ExportSchedule:
    """Have the export made from now on. ``request`` is that of an export without its period.

    Raises BadRequest, PermissionDenied.
    """
    schedule = ExportSchedule(owner=owner)
    change(schedule, name=name, request=request, rule=rule, kept_days=kept_days, deliver=deliver)
    return schedule


def change(
    schedule: ExportSchedule,
    *,
    name: str,
    request: Mapping[str, Any],
    rule: str,
    kept_days: int,
    deliver: bool,
) -> None:
    """Have it as described from now on; it stays its owner's. Raises BadRequest, PermissionDenied.

    The owner must be allowed to export it, whoever makes the change.
    """
    stored = {key: value for key, value in request.items() if key not in ("since", "until")}
    stored.setdefault("source", "ledger")
    now = timezone.now()
    jobs.check_request(user=schedule.owner, request=_request(stored, rule, now))
    schedule.name, schedule.request, schedule.rule = name, stored, rule
    schedule.kept_days, schedule.deliver = kept_days, deliver
    schedule.next_at = next_run(rule, now, zone_of(stored["zone"]))
    schedule.problem = ""
    schedule.save()


def pause(schedule: ExportSchedule) -> None:
    """Make no more exports until it is resumed."""
    schedule.active = False
    schedule.save(update_fields=["active"])


def resume(schedule: ExportSchedule) -> None:
    """Go on with the next period; those that were missed stay missed."""
    schedule.active = True
    zone = zone_of(schedule.request["zone"])
    schedule.next_at = next_run(schedule.rule, timezone.now(), zone)
    schedule.save(update_fields=["active", "next_at"])


def run_now(schedule: ExportSchedule) -> Export:
    """Ask at once for the period that ended last. Raises BadRequest, PermissionDenied."""
    return _ask(schedule, _request(schedule.request, schedule.rule, timezone.now()))


def request_due() -> int:
    """Ask for every scheduled export whose time has come; how many.

    One whose owner may no longer see it says so and waits for its next turn. One whose owner has
    as many exports under way as they may stays due.
    """
    due = ExportSchedule.objects.filter(active=True, next_at__lte=timezone.now())
    return sum(_request_one(pk) for pk in due.order_by("next_at").values_list("pk", flat=True))


def _request_one(schedule_id: int) -> bool:
    now = timezone.now()
    with transaction.atomic():
        due = ExportSchedule.objects.select_for_update(of=["self"], no_key=True)
        schedule = due.filter(pk=schedule_id, active=True, next_at__lte=now).first()
        if schedule is None:
            return False  # another clock was faster
        request = _request(schedule.request, schedule.rule, schedule.next_at)
        schedule.next_at = next_run(schedule.rule, now, zone_of(schedule.request["zone"]))
        schedule.problem = ""
        try:
            with translation.override(request.language):
                _ask(schedule, request)
        except jobs.TooManyUnfinished:
            return False
        except (BadRequest, PermissionDenied) as error:
            schedule.problem = str(error)[:300]
        schedule.save()
    return not schedule.problem


def _ask(schedule: ExportSchedule, request: Request) -> Export:
    return jobs.request_export(
        user=schedule.owner, request=request, kept_days=schedule.kept_days, schedule=schedule
    )


def _request(stored: Mapping[str, Any], rule: str, moment: datetime) -> Request:
    try:
        zone = zone_of(stored["zone"])
    except BadPeriod as error:
        raise BadRequest(str(error)) from error
    first, last = ended_before(rule, moment.astimezone(zone).date())
    return Request(since=first.isoformat(), until=last.isoformat(), **stored)


def ended_before(rule: str, day: date) -> tuple[date, date]:
    """First and last day of the day, week or month that ended most lately before ``day``."""
    begin = _begin(rule, day)
    last = begin - timedelta(days=1)
    return _begin(rule, last), last


def next_run(rule: str, moment: datetime, zone: ZoneInfo) -> datetime:
    """The first run after ``moment``."""
    day = moment.astimezone(zone).date()
    candidate = datetime.combine(_begin(rule, day), HOUR, zone)
    while candidate <= moment:
        day += timedelta(days=1)
        candidate = datetime.combine(_begin(rule, day), HOUR, zone)
    return candidate


def _begin(rule: str, day: date) -> date:
    """The first day of the day's day, week or month."""
    if rule == ExportSchedule.Rule.WEEKLY:
        return day - timedelta(days=day.weekday())
    if rule == ExportSchedule.Rule.MONTHLY:
        return day.replace(day=1)
    return day
