"""The rounds as rows that can be exported, as the list shows them.

A round without a code is its first entry, with what took that back or returned its hold: only its
page follows the chain of messages that name one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from wallet.exports import filters
from wallet.exports.columns import Column, Kind
from wallet.exports.sources import Rows
from wallet.models import Round, RoundState

COLUMNS: Final[Sequence[Column]] = (
    Column("opened", _("opened"), "posted_at", Kind.TIME),
    Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
    Column("sub_channel", _("sub-channel ID"), "player__sub_channel__number", Kind.NUMBER),
    Column("player", _("username"), "player__username", Kind.TEXT),
    Column("round_code", _("round code"), "round_code", Kind.TEXT),
    Column("first", _("first seqNo"), "reference", Kind.TEXT),
    Column("state", _("state"), "state"),
    Column("staked", _("staked"), "staked", Kind.MONEY),
    Column("paid", _("paid out"), "paid", Kind.MONEY),
    Column("held", _("withheld"), "held", Kind.MONEY),
    Column("result", _("player's result"), "result", Kind.MONEY),
    Column("currency", _("currency"), "currency"),
    Column("last", _("last entry"), "last", Kind.TIME),
    Column("entry", _("entry"), "id", Kind.NUMBER),
)


def _rows() -> QuerySet[Round]:
    return Round.objects.openings().told()


ROUNDS_SOURCE: Final = Rows(
    name="rounds",
    title=_("Rounds"),
    rows=_rows,
    columns=COLUMNS,
    filters={
        "channel": filters.channel(_("channel"), "channel_id"),
        "sub_channel": filters.number(
            _("sub-channel ID"), "player__sub_channel__number", none=_("no sub-channel")
        ),
        "player": filters.username(_("username"), "player__username"),
        "round_code": filters.text(_("round code"), "round_code"),
        "state": filters.one_of(_("state"), RoundState.choices, lambda state: Q(state=state)),
        "currency": filters.text(_("currency"), "currency"),
    },
    moment="posted_at",
    permissions=("wallet.view_ledgerentry", "wallet.export_ledger"),
    channel="channel",
    sub_channel="player__sub_channel",
)
