"""What somebody asks to export, and which rows that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.utils.translation import gettext as _

from wallet.exports.catalogue import SOURCES, Source
from wallet.exports.columns import Column
from wallet.exports.periods import BadPeriod, Period, parse_period
from wallet.models import Export


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

    source: Source
    everything: QuerySet[Any]
    rows: QuerySet[Any]
    columns: Sequence[Column]
    period: Period


def read_request(request: Request, *, scope: Q | None = None, snapshot: str = "") -> Selection:
    """Find what a request means. Raises BadRequest.

    ``scope`` is the condition of what the asker may see. Of rows with money, which know their
    transaction, only those visible in ``snapshot`` are taken where one, a pg_snapshot, is given.
    """
    source = SOURCES.get(request.source)
    if source is None:
        raise BadRequest(_("“%(name)s” cannot be exported.") % {"name": request.source})
    if request.format not in Export.Format.values:
        raise BadRequest(_("There is no format “%(name)s”.") % {"name": request.format})
    try:
        period = parse_period(since=request.since, until=request.until, zone=request.zone)
    except BadPeriod as error:
        raise BadRequest(str(error)) from error
    everything = source.rows()
    if scope is not None:
        everything = everything.filter(scope)
    if snapshot and source.has_money:
        everything = everything.filter(visible_in(snapshot))
    narrowing = Q()
    for name, value in request.filters.items():
        condition, narrows = _condition(source, name, value)
        if narrows:
            narrowing &= condition
        else:
            everything = everything.filter(condition)
    within = {
        f"{source.moment}__gte": period.since,
        f"{source.moment}__lt": period.until,
    }
    rows = everything.filter(narrowing, **within).order_by(source.moment, "pk")
    return Selection(source, everything, rows, _columns(source, request.columns), period)


def _condition(source: Source, name: str, value: Any) -> tuple[Q, bool]:
    known = source.filters.get(name)
    if known is None:
        raise BadRequest(_("There is no filter “%(name)s”.") % {"name": name})
    try:
        return Q(**{known.lookup: known.parse(value)}), known.narrows_kinds
    except TypeError as error:
        raise BadRequest(
            _("The filter “%(name)s” does not know %(value)r.") % {"name": name, "value": value}
        ) from error


def _columns(source: Source, names: Sequence[str]) -> Sequence[Column]:
    by_name = {column.name: column for column in source.columns}
    for name in names:
        if name not in by_name:
            raise BadRequest(
                _("There is no column “%(name)s”; there are %(names)s.")
                % {"name": name, "names": ", ".join(by_name)}
            )
    return [by_name[name] for name in names] or source.columns


class _Visible(Func):
    function = "pg_visible_in_snapshot"
    output_field = BooleanField()


class _AsTransaction(Func):
    template = "(%(expressions)s)::text::xid8"
    output_field = TextField()


class _AsSnapshot(Func):
    template = "(%(expressions)s)::pg_snapshot"
    output_field = TextField()


def visible_in(snapshot: str) -> Q:
    """What was committed when the snapshot was taken: all of a transaction or nothing of it."""
    oldest_running = int(snapshot.split(":", 1)[0])
    return Q(xact__lt=oldest_running) | Q(
        _Visible(_AsTransaction(F("xact")), _AsSnapshot(Value(snapshot)))
    )
