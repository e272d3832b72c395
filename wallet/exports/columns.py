"""The columns of an export: what they are called, and the SQL that fills them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from django.db.models import DateTimeField, Expression, F, Func, TextField, Value
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Kind(Enum):
    """How a column's cells are written."""

    TEXT = "text"  # typed by people or sent by others: made safe for spreadsheets
    CODE = "code"  # one of our own words
    NUMBER = "number"
    MONEY = "money"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Column:
    """``name`` is how filters and command lines call it; ``path`` leads to it from the row."""

    name: str
    header: StrPromise | str
    path: str
    kind: Kind = Kind.CODE

    def title(self, zone: str) -> str:
        """The header in the reader's language; a time names its zone."""
        return f"{self.header} ({zone})" if self.kind is Kind.TIME else str(self.header)

    def expression(self, zone: str) -> Expression | F:
        """What to select."""
        if self.kind is Kind.TEXT:
            return SafeText(F(self.path))
        if self.kind is Kind.TIME:
            return LocalTime(F(self.path), Value(zone))
        return F(self.path)


class SafeText(Func):
    """Text that no spreadsheet runs as a formula: an apostrophe goes before = + - @ and the like.

    The full-width signs count too, because East Asian spreadsheets read them as formulas.
    """

    template = (
        "CASE WHEN ascii(%(expressions)s) IN (9, 10, 13, 43, 45, 61, 64, 65291, 65293, 65309,"
        " 65312) THEN '''' || %(expressions)s ELSE %(expressions)s END"
    )
    output_field = TextField()
    arity = 1


class LocalTime(Func):
    """A moment as the clock of a zone showed it, to the millisecond."""

    template = "(%(expressions)s)::timestamp(3)"
    arg_joiner = " AT TIME ZONE "
    output_field = DateTimeField()
    arity = 2


LEDGER: Final[Sequence[Column]] = (
    Column("posted_at", _("posted at"), "posted_at", Kind.TIME),
    Column("occurred_at", _("occurred at"), "occurred_at", Kind.TIME),
    Column("entry", _("entry"), "id", Kind.NUMBER),
    Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
    Column("sub_channel", _("sub-channel ID"), "player__sub_channel__number", Kind.NUMBER),
    Column("agent", _("agent ID"), "player__agent__agent_id", Kind.TEXT),
    Column("player", _("username"), "player__username", Kind.TEXT),
    Column("wallet_type", _("wallet type"), "wallet__type_id", Kind.NUMBER),
    Column("kind", _("kind"), "kind"),
    Column("outcome", _("outcome"), "outcome"),
    Column("code", _("reason of refusal"), "code"),
    Column("requested", _("requested"), "requested", Kind.MONEY),
    Column("amount", _("amount"), "amount", Kind.MONEY),
    Column("currency", _("currency"), "currency"),
    Column("balance_after", _("balance after"), "balance_after", Kind.MONEY),
    Column("source", _("source"), "source", Kind.TEXT),
    Column("reference", _("reference"), "reference", Kind.TEXT),
    Column("round_code", _("round code"), "round_code", Kind.TEXT),
    Column("reverses", _("reverses"), "reverses_id", Kind.NUMBER),
    Column("staff", _("staff member"), "actor__username", Kind.TEXT),
    Column("reason", _("reason"), "reason", Kind.TEXT),
)

PLAYERS: Final[Sequence[Column]] = (
    Column("registered_at", _("registered at"), "registered_at", Kind.TIME),
    Column("channel", _("channel ID"), "channel_id", Kind.NUMBER),
    Column("sub_channel", _("sub-channel ID"), "sub_channel__number", Kind.NUMBER),
    Column("agent", _("agent ID"), "agent__agent_id", Kind.TEXT),
    Column("username", _("username"), "username", Kind.TEXT),
    Column("nickname", _("nickname"), "nickname", Kind.TEXT),
    Column("user_id", _("user ID"), "user_id", Kind.NUMBER),
    Column("status", _("status"), "status"),
    Column("reason", _("reason of the status"), "status_reason", Kind.TEXT),
    Column("currency", _("currency"), "currency"),
    Column("balance", _("balance"), "main_balance", Kind.MONEY),
    Column("last_login", _("last login"), "last_login_at", Kind.TIME),
)
