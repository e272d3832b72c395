"""The inbox as rows that can be exported; the messages themselves stay where they are."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import F, Func, Q, QuerySet, TextField
from django.utils.translation import gettext_lazy as _

from callbacks.models import ATTENTION, Attention, ReceivedCallback
from wallet.exports import filters
from wallet.exports.columns import Column, Kind
from wallet.exports.filters import Filter
from wallet.exports.sources import Rows


class _Host(Func):
    """An address without the netmask that PostgreSQL would write behind it."""

    function = "host"
    output_field = TextField()


COLUMNS: Final[Sequence[Column]] = (
    Column("received_at", _("received at"), "received_at", Kind.TIME),
    Column("event", _("event"), "event", Kind.TEXT),
    Column("channel", _("channel ID"), "channel_number", Kind.NUMBER),
    Column("username", _("username"), "username", Kind.TEXT),
    Column("seq_no", "seqNo", "seq_no", Kind.TEXT),
    Column("round_code", _("round code"), "round_code", Kind.TEXT),
    Column("status", _("status"), "status", Kind.NUMBER),
    Column("http_status", _("HTTP status"), "http_status", Kind.NUMBER),
    Column("decision", _("decision"), "decision"),
    Column("note", _("note"), "note", Kind.TEXT),
    Column("case", _("case"), "case"),
    Column("entry", _("ledger entry"), "entry_id", Kind.NUMBER),
    Column("caller", _("caller"), "caller"),
    Column("microseconds", _("time taken (µs)"), "microseconds", Kind.NUMBER),
)


def _rows() -> QuerySet[ReceivedCallback]:
    return ReceivedCallback.objects.annotate(caller=_Host(F("address")))


def _called_from(value: Any, zone: ZoneInfo) -> Q:
    try:
        return Q(address=str(ip_address(value)))
    except ValueError as error:
        raise TypeError from error


INBOX_SOURCE: Final = Rows(
    name="inbox",
    title=_("Inbox"),
    rows=_rows,
    columns=COLUMNS,
    filters={
        "channel": filters.channel(_("channel"), "channel_number"),
        "player": filters.username(_("username"), "username"),
        "event": filters.text(_("event"), "event"),
        "seq_no": filters.text("seqNo", "seq_no"),
        "round_code": filters.text(_("round code"), "round_code"),
        "caller": Filter(_("caller"), _called_from),
        "status": filters.number(_("status"), "status"),
        "decisions": filters.some_of(_("decisions"), "decision", ReceivedCallback.Decision.choices),
        "cases": filters.some_of(_("cases"), "case", ReceivedCallback.Case.choices),
        "attention": filters.one_of(_("attention"), Attention.choices, ATTENTION),
    },
    moment="received_at",
    permissions=("callbacks.view_receivedcallback", "wallet.export_ledger"),
    channel="channel_number",
    sub_channel=None,
)
