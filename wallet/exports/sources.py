"""What somebody asks to export, and which rows that means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Protocol

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from wallet.exports.columns import Column
from wallet.exports.filters import Filter, Kind
from wallet.exports.periods import BadPeriod, Period, parse_period, zone_of
from wallet.exports.snapshots import visible_in
from wallet.models import Channel, Export
from wallet.scope import Scope, condition

EVERYTHING: Final = Scope(everything=True)


class BadRequest(ValueError):
    """Nobody can export this: the request names what does not exist."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for, as it is stored. No columns means all of them."""

    since: str
    until: str
    zone: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    columns: Sequence[str] = ()
    bom: bool = False
    source: str = "ledger"
    format: str = Export.Format.CSV.value
    language: str = "en"

    def as_json(self) -> dict[str, Any]:
        """Plain JSON, to be read back by ``Request(**stored)``."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Selection:
    """A request that makes sense: ``everything`` ever in scope, and ``rows`` of the period."""

    title: str
    everything: QuerySet[Any]
    rows: QuerySet[Any]
    columns: Sequence[Column]
    period: Period
    moment: str = ""
    has_money: bool = False


class Source(Protocol):
    """Something that can be exported. No columns to choose from means that they are given."""

    @property
    def name(self) -> str: ...
    @property
    def title(self) -> Any: ...
    @property
    def permissions(self) -> Sequence[str]: ...
    @property
    def filters(self) -> Mapping[str, Filter]: ...
    @property
    def columns(self) -> Sequence[Column]: ...

    def select(self, request: Request, scope: Scope, snapshot: str) -> Selection:
        """Raises BadRequest."""


SOURCES: Final[dict[str, Source]] = {}


def register(source: Source) -> None:
    """Let it be exported; apps do so when they are ready."""
    SOURCES[source.name] = source


def read_request(request: Request, *, scope: Scope = EVERYTHING, snapshot: str = "") -> Selection:
    """Find what a request means for whoever has the scope. Raises BadRequest.

    Of rows with money, which know their transaction, only those visible in ``snapshot`` are taken
    where one, a pg_snapshot, is given.
    """
    source = SOURCES.get(request.source)
    if source is None:
        raise BadRequest(_("“%(name)s” cannot be exported.") % {"name": request.source})
    if request.format not in Export.Format.values:
        raise BadRequest(_("There is no format “%(name)s”.") % {"name": request.format})
    for name, value in request.filters.items():
        if name not in source.filters:
            raise BadRequest(_("There is no filter “%(name)s”.") % {"name": name})
        if source.filters[name].kind is Kind.CHANNEL:
            _demand_channel(value, scope)
    return source.select(request, scope, snapshot)


@dataclass(frozen=True, slots=True)
class Rows:
    """A source that is a table: a row of the file for each row of a queryset.

    ``moment`` is the column that the period is about; ``channel`` and ``sub_channel`` are the
    lookup paths by which a staff member's scope applies. Rows with money know their transaction
    and have a manifest of balances and movements.
    """

    name: str
    title: Any
    rows: Callable[[], QuerySet[Any]]
    columns: Sequence[Column]
    filters: Mapping[str, Filter]
    moment: str
    permissions: Sequence[str]
    channel: str
    sub_channel: str | None
    has_money: bool = False

    def select(self, request: Request, scope: Scope, snapshot: str) -> Selection:
        """The rows of the request's period and filters. Raises BadRequest."""
        period = period_of(request)
        everything = self.rows()
        if not scope.everything:
            everything = everything.filter(
                condition(scope, channel=self.channel, sub_channel=self.sub_channel)
            )
        if snapshot and self.has_money:
            everything = everything.filter(visible_in(snapshot))
        narrowing = Q()
        for name, value in request.filters.items():
            wanted = self._condition(name, value, period)
            if self.filters[name].narrows:
                narrowing &= wanted
            else:
                everything = everything.filter(wanted)
        within = {f"{self.moment}__gte": period.since, f"{self.moment}__lt": period.until}
        return Selection(
            title=str(self.title),
            everything=everything,
            rows=everything.filter(narrowing, **within).order_by(self.moment, "pk"),
            columns=self._columns(request.columns),
            period=period,
            moment=self.moment,
            has_money=self.has_money,
        )

    def _condition(self, name: str, value: Any, period: Period) -> Q:
        try:
            return self.filters[name].read(value, zone_of(period.zone))
        except TypeError as error:
            raise BadRequest(
                _("The filter “%(name)s” does not know %(value)r.") % {"name": name, "value": value}
            ) from error

    def _columns(self, names: Sequence[str]) -> Sequence[Column]:
        by_name = {column.name: column for column in self.columns}
        for name in names:
            if name not in by_name:
                raise BadRequest(
                    _("There is no column “%(name)s”; there are %(names)s.")
                    % {"name": name, "names": ", ".join(by_name)}
                )
        return [by_name[name] for name in names] or self.columns


def period_of(request: Request) -> Period:
    """Raises BadRequest."""
    try:
        return parse_period(since=request.since, until=request.until, zone=request.zone)
    except BadPeriod as error:
        raise BadRequest(str(error)) from error


def _demand_channel(number: Any, scope: Scope) -> None:
    """A channel that does not exist and one that is somebody else's look alike."""
    seen = scope.everything or number in scope.channels | scope.partly
    if not isinstance(number, int) or not seen or not Channel.objects.filter(pk=number).exists():
        raise BadRequest(_("There is no channel %(number)s.") % {"number": number})
