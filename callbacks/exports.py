"""The inbox as rows that can be exported; the messages themselves stay where they are."""

from collections.abc import Sequence
from typing import Final

from django.db.models import F, Func, QuerySet, TextField
from django.utils.translation import gettext_lazy as _

from callbacks.models import ReceivedCallback
from wallet.exports.catalogue import Filter, Source, number, some_of, text
from wallet.exports.columns import Column, Kind


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


INBOX_SOURCE: Final = Source(
    name="inbox",
    title=_("Inbox"),
    rows=_rows,
    columns=COLUMNS,
    filters={
        "channel": Filter("channel_number", number),
        "player": Filter("username", text),
        "event": Filter("event", text),
        "seq_no": Filter("seq_no", text),
        "round_code": Filter("round_code", text),
        "status": Filter("status", number),
        "decisions": Filter("decision__in", some_of(ReceivedCallback.Decision.values)),
        "cases": Filter("case__in", some_of(ReceivedCallback.Case.values)),
    },
    moment="received_at",
    permissions=("callbacks.view_receivedcallback", "wallet.export_ledger"),
    channel="channel_number",
    sub_channel=None,
)
