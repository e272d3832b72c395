"""What the wallet itself lets be exported: the ledger and the players."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from wallet.exports import filters
from wallet.exports.columns import LEDGER, PLAYERS
from wallet.exports.filters import Filter
from wallet.exports.sources import Rows
from wallet.models import MAIN_TYPE_ID, EntryKind, HouseAccount, LedgerEntry, Player, Wallet
from wallet.reports.figures import FIGURES
from wallet.reports.games import GAMES, of_game
from wallet.throttling import KEPT_OUT

_NO_SUB_CHANNEL: Final = _("no sub-channel")
_NO_AGENT: Final = _("no agent")


def _players() -> QuerySet[Player]:
    main = Wallet.objects.filter(player=OuterRef("pk"), type=MAIN_TYPE_ID)
    return Player.objects.annotate(main_balance=Subquery(main.values("balance")))


def named(typed: str) -> Q:
    """The players whose username begins so, or whose alias or user ID this is."""
    found = Q(username__startswith=typed) | Q(alias=typed)
    if typed.isascii() and typed.isdigit() and len(typed) < 19:
        found |= Q(user_id=int(typed))
    return found


def _kept_out(why: str) -> Q:
    _title, narrow = KEPT_OUT[why]
    return Q(pk__in=narrow(Player.objects.all()).values("pk"))


def _search(value: Any, zone: Any) -> Q:
    if not isinstance(value, str) or not value:
        raise TypeError
    return named(value.lower())


LEDGER_SOURCE: Final = Rows(
    name="ledger",
    title=_("Ledger"),
    rows=LedgerEntry.objects.all,
    columns=LEDGER,
    filters={
        "channel": filters.channel(_("channel"), "channel_id"),
        "sub_channel": filters.number(
            _("sub-channel ID"), "player__sub_channel__number", none=_NO_SUB_CHANNEL
        ),
        "agent": filters.text(_("agent ID"), "player__agent__agent_id", none=_NO_AGENT),
        "player": filters.username(_("username"), "player__username"),
        "wallet_type": filters.number(_("wallet type"), "wallet__type_id"),
        "currency": filters.text(_("currency"), "currency"),
        "kinds": filters.some_of(_("kinds"), "kind", EntryKind.choices, narrows=True),
        "outcomes": filters.some_of(
            _("outcomes"), "outcome", LedgerEntry.Outcome.choices, narrows=True
        ),
        "figure": filters.one_of(
            _("figure"),
            [(name, capfirst(figure.title)) for name, figure in FIGURES.items()],
            {name: figure.entries for name, figure in FIGURES.items()},
            narrows=True,
        ),
        "game": filters.one_of(
            _("game"), list(GAMES.items()), of_game, none=_("no game"), narrows=True
        ),
        "account": filters.one_of(
            _("house account"),
            HouseAccount.Role.choices,
            lambda role: Q(house_account__role=role),
            narrows=True,
        ),
        "size_from": filters.at_least(_("amount from"), "amount"),
        "size_to": filters.at_most(_("amount to (inclusive)"), "amount"),
        "source_name": filters.text(_("source"), "source", narrows=True),
        "reference": filters.text(_("reference"), "reference", narrows=True),
        "round_code": filters.text(_("round code"), "round_code", narrows=True),
        "entry": filters.number(_("entry"), "pk", narrows=True),
        "played_since": filters.since_day(_("played from"), "occurred_at"),
        "played_until": filters.until_day(_("played to (inclusive)"), "occurred_at"),
    },
    moment="posted_at",
    permissions=("wallet.view_ledgerentry", "wallet.export_ledger"),
    channel="channel",
    sub_channel="player__sub_channel",
    has_money=True,
)

PLAYERS_SOURCE: Final = Rows(
    name="players",
    title=_("Players"),
    rows=_players,
    columns=PLAYERS,
    filters={
        "channel": filters.channel(_("channel"), "channel_id"),
        "sub_channel": filters.number(
            _("sub-channel ID"), "sub_channel__number", none=_NO_SUB_CHANNEL
        ),
        "agent": filters.text(_("agent ID"), "agent__agent_id", none=_NO_AGENT),
        "player": filters.username(_("username"), "username"),
        "search": Filter(_("username, user ID or alias"), _search),
        "currency": filters.text(_("currency"), "currency"),
        "statuses": filters.some_of(_("statuses"), "status", Player.Status.choices),
        "kept_out": filters.one_of(
            _("who cannot log in"),
            [(why, title) for why, (title, _narrow) in KEPT_OUT.items()],
            _kept_out,
        ),
    },
    moment="registered_at",
    permissions=("wallet.view_player", "wallet.export_ledger"),
    channel="channel",
    sub_channel="sub_channel",
)
