"""What a player's page shows beside the account itself."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wallet.admin.display import copyable, link, moment, money
from wallet.admin.ledger_display import amount_cell, kind_cell, outcome_cell
from wallet.admin.notes import NOTES
from wallet.admin.panels import Panel, Tab, Table, paged
from wallet.admin.round_page import TOO_LONG, round_link, state_cell, told_of
from wallet.admin.trail import TRAIL
from wallet.models import Adjustment, LedgerEntry, Player, Round

RECENT = 10
ENTRY_HEADERS = (
    _("posted at"),
    _("kind"),
    _("outcome"),
    _("wallet"),
    _("amount"),
    _("balance after"),
    _("round code"),
    _("reference"),
)


def _entry_rows(entries: list[LedgerEntry]) -> list[list[object]]:
    return [
        [
            link(entry, moment(entry.posted_at)),
            kind_cell(entry),
            outcome_cell(entry),
            entry.wallet.type_id,
            amount_cell(entry),
            money(entry.balance_after),
            round_link(entry),
            copyable(str(entry)),
        ]
        for entry in entries
    ]


def _wallets(request: HttpRequest, player: Player) -> Table:
    wallets = player.wallets.select_related("type").order_by("type")
    return Table(
        headers=(_("wallet"), _("spendable"), _("withheld"), _("currency"), _("entries")),
        rows=[
            [
                link(wallet, wallet.type),
                money(wallet.balance),
                money(wallet.held),
                wallet.currency,
                wallet.version,
            ]
            for wallet in wallets
        ],
    )


def _recent_entries(request: HttpRequest, player: Player) -> Table:
    entries = player.entries.select_related("wallet").order_by("-posted_at", "-pk")[:RECENT]
    return Table(headers=ENTRY_HEADERS, rows=_entry_rows(list(entries)), link="?tab=ledger")


def _ledger(request: HttpRequest, player: Player) -> Table:
    entries, newer, older = paged(
        request, player.entries.select_related("wallet"), order="posted_at"
    )
    address = reverse("admin:wallet_ledgerentry_changelist")
    return Table(
        headers=ENTRY_HEADERS,
        rows=_entry_rows(entries),
        newer=newer,
        older=older,
        link=f"{address}?player__id__exact={player.pk}&posted_at=all",
    )


def _open_holds(request: HttpRequest, player: Player) -> Table:
    entries = (
        LedgerEntry.objects.filter(wallet__player=player, hold__remaining__gt=0)
        .select_related("hold", "wallet")
        .order_by("-pk")
    )
    return Table(
        headers=(_("since"), _("wallet"), _("withheld"), _("not yet returned"), _("reference")),
        rows=[
            [
                link(entry, moment(entry.posted_at)),
                entry.wallet.type_id,
                money(entry.hold.amount),
                money(entry.hold.remaining),
                copyable(str(entry)),
            ]
            for entry in entries[:RECENT]
        ],
    )


def _rounds(request: HttpRequest, player: Player) -> Table:
    rounds = Round.objects.filter(player=player).openings()
    openings, newer, older = paged(request, rounds, order="posted_at")
    told = told_of(openings)
    address = reverse("admin:wallet_round_changelist")
    return Table(
        headers=(
            _("opened"),
            _("round code"),
            _("state"),
            _("staked"),
            _("paid out"),
            _("withheld"),
            _("player's result"),
            _("currency"),
        ),
        rows=[
            [
                link(one, moment(one.posted_at)),
                copyable(one.round_code),
                state_cell(told[one.pk]),
                money(told[one.pk].staked),
                money(told[one.pk].paid),
                money(told[one.pk].held),
                money(told[one.pk].result, signed=True),
                one.currency,
            ]
            for one in openings
            if one.pk in told
        ],
        note=TOO_LONG if openings and not told else "",
        newer=newer,
        older=older,
        link=f"{address}?player__id__exact={player.pk}&posted_at=all",
    )


def _sessions(request: HttpRequest, player: Player) -> Table:
    live = set(player.sessions.live().values_list("pk", flat=True))
    return Table(
        headers=(_("opened"), _("last used"), _("state"), _("address"), _("platform"), _("fixed")),
        rows=[
            [
                moment(session.created_at),
                moment(session.last_used_at),
                _("open") if session.pk in live else session.get_end_reason_display() or _("idle"),
                session.address or "—",
                session.platform if session.platform is not None else "—",
                _("yes") if session.fixed else _("no"),
            ]
            for session in player.sessions.order_by("-last_used_at")[:25]
        ],
    )


def _tokens(request: HttpRequest, player: Player) -> Table:
    return Table(
        headers=(_("issued"), _("expires"), _("used"), _("fixed")),
        rows=[
            [
                moment(token.created_at),
                moment(token.expires_at),
                moment(token.used_at),
                _("yes") if token.fixed else _("no"),
            ]
            for token in player.access_tokens.order_by("-pk")[:RECENT]
        ],
    )


def _logins(request: HttpRequest, player: Player) -> Table:
    events, newer, older = paged(request, player.login_events.all(), order="at")
    return Table(
        headers=(_("at"), _("outcome"), _("address"), _("event type")),
        rows=[
            [
                moment(event.at),
                event.get_outcome_display(),
                event.address or "—",
                event.event_type if event.event_type is not None else "—",
            ]
            for event in events
        ],
        newer=newer,
        older=older,
    )


def _adjustments(request: HttpRequest, player: Player) -> Table:
    adjustments = (
        Adjustment.objects.filter(wallet__player=player)
        .select_related("wallet", "maker")
        .order_by("-created_at")[:25]
    )
    return Table(
        headers=(
            _("proposed at"),
            _("kind"),
            _("wallet"),
            _("amount"),
            _("state"),
            _("proposed by"),
            _("reason"),
        ),
        rows=[
            [
                link(row, moment(row.created_at)),
                row.get_kind_display(),
                row.wallet.type_id,
                money(row.amount, signed=True),
                row.get_state_display(),
                str(row.maker),
                row.reason,
            ]
            for row in adjustments
        ],
    )


OVERVIEW = Tab(
    "overview",
    _("Overview"),
    [
        Panel(_("Wallets"), "wallet.view_wallet", _wallets),
        Panel(_("Open holds"), "wallet.view_hold", _open_holds),
        Panel(_("Recent entries"), "wallet.view_ledgerentry", _recent_entries),
    ],
)
LEDGER = Tab("ledger", _("Ledger"), [Panel(_("Ledger"), "wallet.view_ledgerentry", _ledger)])
ROUNDS = Tab("rounds", _("Rounds"), [Panel(_("Rounds"), "wallet.view_ledgerentry", _rounds)])
ADJUSTMENTS = Tab(
    "adjustments",
    _("Adjustments"),
    [Panel(_("Adjustments"), "wallet.view_adjustment", _adjustments)],
)
ACCESS = Tab(
    "access",
    _("Sessions and logins"),
    [
        Panel(_("Sessions"), "wallet.view_playersession", _sessions),
        Panel(_("Access tokens"), "wallet.view_accesstoken", _tokens),
        Panel(_("Logins"), "wallet.view_loginevent", _logins),
    ],
)
# Filled by the app that knows the outside services.
PROVIDERS = Tab("providers", _("Providers"))

NOTED = Tab("notes", _("Notes"), [NOTES])

AUDIT = Tab("audit", _("Audit"), [TRAIL])

TABS = (OVERVIEW, LEDGER, ROUNDS, ADJUSTMENTS, ACCESS, PROVIDERS, NOTED, AUDIT)
