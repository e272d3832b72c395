"""The kinds of rows that can be exported, and the filters and columns of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from wallet.exports.columns import LEDGER, PLAYERS, Column
from wallet.models import MAIN_TYPE_ID, EntryKind, LedgerEntry, Player, Wallet


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
    permissions: Sequence[str]
    channel: str
    sub_channel: str | None
    has_money: bool = False


def number(value: Any) -> int:
    """A filter's value that is a whole number. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def text(value: Any) -> str:
    """A filter's value that is some text. Raises TypeError."""
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def some_of(choices: Sequence[str]) -> Callable[[Any], list[str]]:
    """Reads a filter's list of choices. What it returns raises TypeError."""

    def parse(value: Any) -> list[str]:
        if not isinstance(value, list) or not value or not set(value) <= set(choices):
            raise TypeError
        return value

    return parse


SOURCES: Final[dict[str, Source]] = {}


def register(source: Source) -> Source:
    """Let it be exported; other apps do so when they are ready."""
    SOURCES[source.name] = source
    return source


def _players() -> QuerySet[Player]:
    main = Wallet.objects.filter(player=OuterRef("pk"), type=MAIN_TYPE_ID)
    return Player.objects.annotate(main_balance=Subquery(main.values("balance")))


LEDGER_SOURCE: Final = register(
    Source(
        name="ledger",
        title=_("Ledger"),
        rows=LedgerEntry.objects.all,
        columns=LEDGER,
        filters={
            "channel": Filter("channel_id", number),
            "sub_channel": Filter("player__sub_channel__number", number),
            "agent": Filter("player__agent__agent_id", text),
            "player": Filter("player__username", text),
            "wallet_type": Filter("wallet__type_id", number),
            "currency": Filter("currency", text),
            "kinds": Filter("kind__in", some_of(EntryKind.values), narrows_kinds=True),
            "outcomes": Filter(
                "outcome__in", some_of(LedgerEntry.Outcome.values), narrows_kinds=True
            ),
        },
        moment="posted_at",
        permissions=("wallet.view_ledgerentry", "wallet.export_ledger"),
        channel="channel",
        sub_channel="player__sub_channel",
        has_money=True,
    )
)
PLAYERS_SOURCE: Final = register(
    Source(
        name="players",
        title=_("Players"),
        rows=_players,
        columns=PLAYERS,
        filters={
            "channel": Filter("channel_id", number),
            "sub_channel": Filter("sub_channel__number", number),
            "agent": Filter("agent__agent_id", text),
            "player": Filter("username", text),
            "currency": Filter("currency", text),
            "statuses": Filter("status__in", some_of(Player.Status.values)),
        },
        moment="registered_at",
        permissions=("wallet.view_player", "wallet.export_ledger"),
        channel="channel",
        sub_channel="sub_channel",
    )
)
