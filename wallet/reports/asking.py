"""What a report is asked for, and how that is read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from wallet.exports.periods import BadPeriod, Period, parse_period
from wallet.models import Channel
from wallet.scope import Scope, condition

DIMENSIONS: Final = ("day", "channel", "sub_channel", "agent", "game")
DEFAULT_BY: Final = ("day", "channel")
LARGEST_AMOUNT: Final = Decimal(10) ** 15
LONGEST: Final = timedelta(days=400)


class BadAsk(ValueError):
    """Nobody can have this report; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Whose rows, of when. ``period.until`` is the moment of reports that know only one."""

    period: Period
    scope: Scope
    channel: int | None = None
    currency: str = ""
    by: tuple[str, ...] = DEFAULT_BY
    least: Decimal = Decimal(0)

    def limit(
        self, rows: QuerySet[Any], *, sub_channel: str | None, channel: str = "channel"
    ) -> QuerySet[Any]:
        """The rows in scope, of the channel and currency that were asked for.

        ``channel`` and ``sub_channel`` are the lookup paths. Without a path to the sub-channel only
        those who see the whole channel see the row.
        """
        if not self.scope.everything:
            rows = rows.filter(condition(self.scope, channel=channel, sub_channel=sub_channel))
        wanted = Q()
        if self.channel is not None:
            wanted &= Q(**{channel: self.channel})
        if self.currency:
            wanted &= Q(currency=self.currency)
        return rows.filter(wanted)


def read_ask(
    *,
    scope: Scope,
    since: str,
    until: str,
    zone: str,
    channel: int | None = None,
    currency: str = "",
    by: tuple[str, ...] = DEFAULT_BY,
    least: str = "0",
) -> Ask:
    """Raises BadAsk for a period, zone, channel, grouping or amount that does not exist."""
    try:
        period = parse_period(since=since, until=until, zone=zone)
    except BadPeriod as error:
        raise BadAsk(str(error)) from error
    if period.until - period.since > LONGEST:
        raise BadAsk(_("The period is longer than %(days)d days.") % {"days": LONGEST.days})
    if channel is not None and not (
        Channel.objects.filter(pk=channel).exists() and _touches(scope, channel)
    ):
        raise BadAsk(_("There is no channel %(number)s.") % {"number": channel})
    for name in by:
        if name not in DIMENSIONS:
            raise BadAsk(
                _("“%(name)s” is nothing to group by; there are %(names)s.")
                % {"name": name, "names": ", ".join(DIMENSIONS)}
            )
    return Ask(period, scope, channel, currency, by, _amount(least))


def demand_whole_hours(period: Period) -> None:
    """Raises BadAsk unless the period and its days begin with an hour of the totals."""
    zone = ZoneInfo(period.zone)
    for moment in (period.since, period.until):
        offset = moment.astimezone(zone).utcoffset() or timedelta()
        if offset % timedelta(hours=1):
            raise BadAsk(
                _("Totals are kept by the hour, and days in %(zone)s do not begin with one.")
                % {"zone": period.zone}
            )
        if moment.astimezone(UTC) != _hour(moment):
            raise BadAsk(_("Totals are kept by the hour: begin and end with a whole one."))


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _touches(scope: Scope, channel: int) -> bool:
    return scope.everything or channel in scope.channels | scope.partly


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise BadAsk(_("“%(text)s” is no amount.") % {"text": text}) from error
    if not amount.is_finite() or not 0 <= amount <= LARGEST_AMOUNT:
        raise BadAsk(_("“%(text)s” is no amount.") % {"text": text})
    return amount
