"""What can be exported, by which filters and columns, and how a request for it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from django.db.models import BooleanField, F, Func, Q, QuerySet, TextField, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wallet.exports.columns import LEDGER, Column
from wallet.exports.periods import BadPeriod, Period, parse_period
from wallet.models import EntryKind, Export, LedgerEntry


class BadRequest(ValueError):
    """Nobody can export this: the request names what does not exist."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: the lookup that it becomes, and what its values are."""

    lookup: str
    parse: Callable[[Any], Any]
    narrows_kinds: bool = False  # leaves part of a wallet's movements out


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of rows. Those with money have a manifest of balances and movements."""

    name: str
    title: Any
    rows: Callable[[], QuerySet[Any]]
    columns: Sequence[Column]
    filters: Mapping[str, Filter]
    moment: str
    permission: str
    channel: str
    sub_channel: str
    has_money: bool = False


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


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _among(choices: Sequence[str]) -> Callable[[Any], list[str]]:
    def parse(value: Any) -> list[str]:
        if not isinstance(value, list) or not value or not set(value) <= set(choices):
            raise TypeError
        return value

    return parse


LEDGER_SOURCE: Final = Source(
    name="ledger",
    title=gettext_lazy("Ledger"),
    rows=LedgerEntry.objects.all,
    columns=LEDGER,
    filters={
        "channel": Filter("channel_id", _number),
        "sub_channel": Filter("player__sub_channel__number", _number),
        "agent": Filter("player__agent__agent_id", _text),
        "player": Filter("player__username", _text),
        "wallet_type": Filter("wallet__type_id", _number),
        "currency": Filter("currency", _text),
        "kinds": Filter("kind__in", _among(EntryKind.values), narrows_kinds=True),
        "outcomes": Filter("outcome__in", _among(LedgerEntry.Outcome.values), narrows_kinds=True),
    },
    moment="posted_at",
    permission="wallet.export_ledger",
    channel="channel",
    sub_channel="player__sub_channel",
    has_money=True,
)
SOURCES: Final[Mapping[str, Source]] = {LEDGER_SOURCE.name: LEDGER_SOURCE}


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
