"""The reports by name, for pages, downloads and the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wallet.exports.catalogue import Source
from wallet.exports.columns import Column
from wallet.exports.sources import Selection
from wallet.reports import accounts, daily
from wallet.reports.asking import Ask

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

PERMISSION: Final = "wallet.view_reportline"
DOWNLOAD: Final = "wallet.export_ledger"


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
    columns: Callable[[Ask], Sequence[Column]]

    def selection(self, ask: Ask) -> Selection:
        """The report as something that exports can write. Raises BadAsk."""
        rows = self.rows(ask)
        source = Source(
            name=self.name,
            title=self.title,
            rows=lambda: rows,
            columns=self.columns(ask),
            filters={},
            moment="",
            permissions=(PERMISSION, DOWNLOAD),
            channel="channel",
            sub_channel=None,
        )
        return Selection(source, rows, rows, source.columns, ask.period)


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
