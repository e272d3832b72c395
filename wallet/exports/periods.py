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
    begin, _begin_is_date = _moment(since, tz)
    end, end_is_date = _moment(until, tz)
    if end_is_date:
        end = datetime.combine(end.date() + timedelta(days=1), time(), tz)
    if begin >= end:
        raise BadPeriod(
            _("The period ends before it begins: %(since)s to %(until)s.")
            % {"since": since, "until": until}
        )
    return Period(begin.astimezone(UTC), end.astimezone(UTC), zone)


def zone_of(name: str) -> ZoneInfo:
    """Raises BadPeriod."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadPeriod(
            _("There is no time zone “%(zone)s”; use a name such as Asia/Shanghai.")
            % {"zone": name}
        ) from error


def _moment(text: str, tz: ZoneInfo) -> tuple[datetime, bool]:
    """The moment, and whether only a date was given. A time without offset is local."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), tz), True
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadPeriod(
            _("“%(text)s” is no date; write 2026-01-31 or 2026-01-31T18:00.") % {"text": text}
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=tz), False
