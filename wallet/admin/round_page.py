"""A round's story: every entry and every refused message of it, in order and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from wallet.admin.display import copyable, label, link, moment, money
from wallet.admin.ledger_display import amount_cell, kind_cell, outcome_cell, struck
from wallet.admin.panels import Panel, Table
from wallet.admin.patience import at_most
from wallet.admin.round_remarks import Remarks
from wallet.models import EntryKind, LedgerEntry, Round, RoundState
from wallet.rounds import ToldRound
from wallet.scope import visible

MOST_OTHERS = 25
ADDING_UP_SECONDS = 5
TOO_LONG = _("These rounds have too many entries to add them up here.")
OF_ROUNDS = (
    EntryKind.BET,
    EntryKind.PAYOUT,
    EntryKind.HOLD,
    EntryKind.RELEASE,
    EntryKind.REFUND,
)
STATE_TONES = {
    RoundState.OPEN: "warning",
    RoundState.SETTLED: "success",
    RoundState.REFUNDED: "info",
    RoundState.REFUSED: "danger",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the provider: what made an entry, or one that made none.

    `entry_id` is the entry that it made or met, `again` how often it came once more; `what`,
    `outcome` and `note` say what it was if there is no entry to say so.
    """

    at: datetime
    link: Any
    entry_id: int | None = None
    again: int = 0
    what: Any = ""
    outcome: Any = ""
    requested: Decimal | None = None
    reference: str = ""
    note: Any = ""


HEARD: list[Callable[[HttpRequest, ToldRound], Sequence[Heard]]] = []
"""Filled by the app that hears the provider."""


def round_address(entry: LedgerEntry) -> str:
    """Where the round of an entry is told."""
    return reverse("admin:wallet_round_change", args=[entry.pk])


def round_link(entry: LedgerEntry) -> str:
    """An entry's round code, leading to its round; some rounds have no code."""
    if not entry.round_code and entry.kind not in OF_ROUNDS:
        return "—"
    code = copyable(entry.round_code) if entry.round_code else _("without a code")
    return format_html('<a class="link" href="{}">{}</a>', round_address(entry), code)


def state_cell(told: Any) -> str:
    state = RoundState(told.state)
    return label(state.label, STATE_TONES[state])


def told_of(openings: Iterable[LedgerEntry]) -> Mapping[int, Any]:
    """What the rounds add up to, by their openings' numbers; nothing where that takes too long."""
    numbers = [one.pk for one in openings]
    told = Round.objects.filter(pk__in=numbers).told()
    return at_most(ADDING_UP_SECONDS, told.in_bulk) or {}


def _story(request: HttpRequest, row: Any) -> Table:
    told: ToldRound = row.told
    heard = [message for source in HEARD for message in source(request, told)]
    by_entry = {message.entry_id: message for message in heard if message.entry_id}
    remarks = Remarks(told)
    steps: list[tuple[datetime, int, list[object]]] = []
    result = Decimal(0)
    for entry in told.entries:
        result += entry.amount
        message = by_entry.get(entry.pk)
        steps.append((entry.posted_at, entry.pk, _entry_cells(entry, result, message, remarks)))
    steps += [(message.at, 0, _message_cells(message)) for message in heard if not message.entry_id]
    steps.sort(key=lambda step: step[:2])
    return Table(
        headers=(
            _("at"),
            _("kind"),
            _("outcome"),
            _("amount"),
            _("balance after"),
            _("round so far"),
            _("remarks"),
            _("message"),
            _("seqNo"),
        ),
        rows=[cells for _at, _pk, cells in steps],
    )


def _entry_cells(
    entry: LedgerEntry, result: Decimal, message: Heard | None, remarks: Remarks
) -> list[object]:
    said = list(remarks.of(entry))
    if message and message.again:
        said.append(_("Repeats of its message: %(count)d.") % {"count": message.again})
    return [
        link(entry, moment(entry.posted_at)),
        kind_cell(entry),
        outcome_cell(entry),
        amount_cell(entry),
        money(entry.balance_after),
        money(result, signed=True),
        _remark(" ".join(str(one) for one in said)),
        message.link if message else "—",
        copyable(entry.reference),
    ]


def _message_cells(message: Heard) -> list[object]:
    return [
        moment(message.at),
        message.what,
        message.outcome,
        "—" if message.requested is None else struck(message.requested),
        "—",
        "—",
        _remark(message.note),
        message.link,
        copyable(message.reference),
    ]


def _remark(text: Any) -> str:
    return format_html('<span class="remark">{}</span>', text)


def _others(request: HttpRequest, row: Any) -> Table:
    """Who else played the same round of the same table."""
    told: ToldRound = row.told
    openings: list[Round] = []
    if told.round_code:
        found = visible(
            request.user, Round.objects.all(), sub_channel="player__sub_channel"
        ).openings()  # type: ignore[attr-defined]
        openings = list(
            found.filter(channel=row.channel_id, round_code=told.round_code)
            .exclude(player=row.player_id)
            .select_related("player")
            .order_by("pk")[: MOST_OTHERS + 1]
        )
    rounds = told_of(openings)
    note = _("Only the first players are shown.") if len(openings) > MOST_OTHERS else ""
    return Table(
        headers=(_("player"), _("opened"), _("state"), _("staked"), _("player's result")),
        rows=[
            [
                link(one, one.player.username),
                moment(one.posted_at),
                state_cell(rounds[one.pk]),
                money(rounds[one.pk].staked),
                money(rounds[one.pk].result, signed=True),
            ]
            for one in openings[:MOST_OTHERS]
            if one.pk in rounds
        ],
        note=note if rounds or not openings else TOO_LONG,
    )


STORY = Panel(_("What happened"), "wallet.view_ledgerentry", _story)
OTHERS = Panel(_("Other players of this round"), "wallet.view_ledgerentry", _others)
