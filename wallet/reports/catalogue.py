"""The reports by name, for pages, downloads and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from wallet.exports import filters
from wallet.exports.columns import Column
from wallet.exports.filters import Filter, Kind
from wallet.exports.sources import BadRequest, Request, Selection
from wallet.reports import accounts, daily
from wallet.reports.asking import DEFAULT_BY, DIMENSIONS, Ask, BadAsk, read_ask
from wallet.scope import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DOWNLOAD: Final = "wallet.export_ledger"
LEAST: Final = "10000"


@dataclass(frozen=True, slots=True)
class Report:
    """``fields`` are what it can be asked for besides channel and currency.

    Those with ``until`` but no ``since`` show a moment, those with neither the present.
    """

    name: str
    title: StrPromise
    about: StrPromise
    fields: frozenset[str]
    rows: Callable[[Ask], QuerySet[Any]]
    columns_of: Callable[[Ask], Sequence[Column]]
    permissions: Sequence[str] = ("wallet.view_reportline", DOWNLOAD)
    columns: Sequence[Column] = ()

    @property
    def filters(self) -> Mapping[str, Filter]:
        """What exports of it can be asked for; its columns follow from that."""
        return {name: one for name, one in _FILTERS.items() if name in self.fields | _COMMON}

    def selection(self, ask: Ask) -> Selection:
        """The report as something that exports can write. Raises BadAsk."""
        rows = self.rows(ask)
        return Selection(str(self.title), rows, rows, self.columns_of(ask), ask.period)

    def select(self, request: Request, scope: Scope, snapshot: str) -> Selection:
        """What a stored request means now; totals are those of the moment. Raises BadRequest."""
        chosen = request.filters
        try:
            return self.selection(
                read_ask(
                    scope=scope,
                    since=request.since,
                    until=request.until,
                    zone=request.zone,
                    channel=chosen.get("channel"),
                    currency=str(chosen.get("currency", "")),
                    by=tuple(chosen.get("by", DEFAULT_BY)),
                    least=str(chosen.get("least", LEAST)),
                )
            )
        except BadAsk as error:
            raise BadRequest(str(error)) from error


def _unread(value: Any, zone: ZoneInfo) -> Q:
    """Reports read their filters themselves."""
    return Q()


GROUPS: Final[Mapping[str, StrPromise]] = MappingProxyType(
    {
        "day": _("day"),
        "channel": _("channel"),
        "sub_channel": _("sub-channel"),
        "agent": _("agent"),
        "game": _("game"),
    }
)
_COMMON: Final = frozenset({"channel", "currency"})
_FILTERS: Final[Mapping[str, Filter]] = MappingProxyType(
    {
        "channel": filters.channel(_("channel"), "channel_id"),
        "currency": Filter(_("currency"), _unread),
        "by": Filter(
            _("Group by"),
            _unread,
            Kind.CHOICES,
            [(name, capfirst(GROUPS[name])) for name in DIMENSIONS],
            initial=DEFAULT_BY,
        ),
        "least": Filter(_("At least"), _unread, initial=LEAST),
    }
)

REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {
        report.name: report
        for report in (
            Report(
                "daily",
                _("Daily summary"),
                _(
                    "By the time of play. Gross revenue is stakes less refunds and payouts. What"
                    " was taken back counts where it was made; a player's movements belong to the"
                    " agent who had the player then."
                ),
                frozenset({"since", "until", "by"}),
                daily.daily_rows,
                daily.daily_columns,
            ),
            Report(
                "trial_balance",
                _("Trial balance"),
                _(
                    "Every account at the end of the day, seen from its own side. Those of a"
                    " channel and currency sum to zero."
                ),
                frozenset({"until"}),
                accounts.trial_balance_rows,
                accounts.trial_balance_columns,
            ),
            Report(
                "negative",
                _("Negative balances"),
                _("Wallets that a settlement took below zero and that are still there."),
                frozenset(),
                accounts.negative_rows,
                accounts.negative_columns,
            ),
            Report(
                "large",
                _("Large movements"),
                _("Entries of at least the amount either way, by the time of posting."),
                frozenset({"since", "until", "least"}),
                accounts.large_rows,
                accounts.large_columns,
            ),
        )
    }
)
