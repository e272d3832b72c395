"""The stretch of time that an export covers, in the time zone of whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _


class BadPeriod(ValueError):
    """The dates, or the zone, describe no stretch of time."""


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` (inclusive) to ``until`` (exclusive); ``zone`` is how moments are written."""

    since: datetime
    until: datetime
    zone: str


def parse_period(*, since: str, until: str, zone: str) -> Period:
    """A period from ISO dates or times; a bare last date includes that day. Raises BadPeriod."""
    tz = zone_of(zone)
    begin = _moment(since, tz)
    end = _moment(until, tz, days=1)
    if begin >= end:
        raise BadPeriod(
            _("The period ends before it begins: %(since)s to %(until)s.")
            % {"since": since, "until": until}
        )
    return Period(begin, end, zone)


def zone_of(name: str) -> ZoneInfo:
    """Raises BadPeriod."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadPeriod(
            _("There is no time zone “%(zone)s”; use a name such as Asia/Shanghai.")
            % {"zone": name}
        ) from error


def _moment(text: str, tz: ZoneInfo, *, days: int = 0) -> datetime:
    """In UTC: of a bare date its midnight, ``days`` later. A time without offset is local."""
    try:
        return _local(text, tz, days).astimezone(tz).astimezone(UTC)
    except (ValueError, OverflowError) as error:  # the calendar has a first and a last day
        raise BadPeriod(
            _("“%(text)s” is no date; write 2026-01-31 or 2026-01-31T18:00.") % {"text": text}
        ) from error


def _local(text: str, tz: ZoneInfo, days: int) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=tz)
    return datetime.combine(day + timedelta(days=days), time(), tz)
