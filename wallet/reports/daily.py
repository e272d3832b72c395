"""The daily summary: what finance asks first, from the hourly totals."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, TruncDate
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from wallet.exports.columns import Column, Kind
from wallet.models import EntryKind, ReportLine
from wallet.reports.asking import Ask, demand_whole_hours
from wallet.reports.figures import FIGURES, Figure
from wallet.reports.games import GAMES

# What the rows of each grouping are told apart by.
_KEYS: Final = {
    "day": ("day",),
    "channel": ("channel_id",),
    "sub_channel": ("channel_id", "sub_channel_id", "sub_channel__number"),
    "agent": ("channel_id", "agent_id", "agent__agent_id"),
    "game": ("game",),
}
_COLUMNS: Final = {
    "channel": Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
    "sub_channel": Column("sub_channel", _("sub-channel ID"), "sub_channel__number", Kind.NUMBER),
    "agent": Column("agent", _("agent ID"), "agent__agent_id", Kind.TEXT),
    "game": Column("game", _("game"), "game_name"),
}
SORTED: Final = ("day", "channel_id", "sub_channel__number", "agent__agent_id", "game")


def daily_rows(ask: Ask) -> QuerySet[Any]:
    """A row for each currency and what ``ask.by`` names. Raises BadAsk.

    Besides the columns a row has the keys of what it is about, and ``first`` and ``last``, between
    which its entries were posted.
    """
    demand_whole_hours(ask.period)
    keys = dict.fromkeys(key for name in ask.by for key in _KEYS[name])
    counted = Q(player__isnull=False)
    for figure in FIGURES.values():
        counted |= figure.condition()
    lines = ask.limit(ReportLine.objects.all(), sub_channel="sub_channel").filter(
        counted, hour__gte=ask.period.since, hour__lt=ask.period.until
    )
    rows: QuerySet[Any] = (
        lines.annotate(day=TruncDate("hour", tzinfo=ZoneInfo(ask.period.zone)))
        .values(*keys, "currency")
        .annotate(
            bets=Sum("entries", filter=Q(kind=EntryKind.BET), default=0),
            **{name: _sum(figure) for name, figure in FIGURES.items()},
            players=Count("player", distinct=True),
            first=Min("first_posted_at"),
            last=Max("last_posted_at"),
            game_number=Max("game"),
        )
        .annotate(game_name=_game_name())
        .order_by(*(key for key in SORTED if key in keys), "currency")
    )
    return rows


def daily_columns(ask: Ask) -> Sequence[Column]:
    """The columns of ``daily_rows``; days name the zone in which they begin."""
    day = Column("day", format_lazy("{} ({})", _("day"), ask.period.zone), "day")
    columns = {"day": day, **_COLUMNS}
    shown = dict.fromkeys(
        name
        for chosen in ask.by
        for name in (("channel", chosen) if chosen in {"sub_channel", "agent"} else (chosen,))
    )
    return [
        *(columns[name] for name in ("day", "channel", "sub_channel", "agent", "game")
          if name in shown),
        Column("currency", _("currency"), "currency"),
        Column("bets", _("bets"), "bets", Kind.NUMBER),
        *(Column(name, figure.title, name, Kind.MONEY) for name, figure in FIGURES.items()),
        Column("players", _("active players"), "players", Kind.NUMBER),
    ]  # fmt: skip


def _sum(figure: Figure) -> Sum:
    amount = -F("amount") if figure.sign < 0 else F("amount")
    return Sum(amount, filter=figure.condition(), default=Decimal(0))


def _game_name() -> Case:
    """The group's game: its number with its name, in the reader's language."""
    return Case(
        *(
            When(game_number=number, then=Value(f"{number} {name}"))
            for number, name in GAMES.items()
        ),
        default=Cast("game_number", CharField()),
    )
