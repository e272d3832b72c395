"""The inbox: every message that was received, redacted, with what became of it."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models import ChannelKey, LedgerEntry

FINE: Final = ("answered", "applied", "replayed")
"""The decisions that need nobody's attention."""


class Attention(models.TextChoices):
    OPEN = "open", _("waiting for a person")
    REFUSED = "refused", _("refused or failed")


ATTENTION: Final[Mapping[str, Q]] = {
    Attention.OPEN: Q(handled_at=None) & ~Q(case=""),
    Attention.REFUSED: ~Q(decision__in=FINE),
}


class ReceivedCallbackQuerySet(models.QuerySet["ReceivedCallback"]):
    def open_cases(self) -> "ReceivedCallbackQuerySet":
        """What a person must still look at."""
        return self.filter(ATTENTION[Attention.OPEN])


class ReceivedCallback(models.Model):
    """One request to one of the callback addresses.

    Whatever could not be read is "" or None. `channel_number` is the channelId as it was sent,
    which need not be a channel of ours.
    """

    class Decision(models.TextChoices):
        ANSWERED = "answered", _("answered")
        APPLIED = "applied", _("applied")
        REPLAYED = "replayed", _("replayed")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    class Case(models.TextChoices):
        """Why a person should look at it."""

        CONFLICT = "conflict", _("same seqNo, other content")
        UNKNOWN_TYPE = "unknown_type", _("unknown movement type")
        STAKE_UNKNOWN = "stake_unknown", _("payout without a known bet")
        STAKE_REFUNDED = "stake_refunded", _("payout after the refund")
        STAKE_FAILED = "stake_failed", _("bet failed at eBET, refund awaited")
        HOLD_UNKNOWN = "hold_unknown", _("return of an unknown hold")
        HOLD_EXCEEDED = "hold_exceeded", _("more returned than withheld")
        SETTLED = "settled", _("refund after the payout")
        OTHER_PLAYER = "other_player", _("refund of another player's bet")
        NEGATIVE_BALANCE = "negative_balance", _("balance below zero")
        SHARED_SEQ_NO = "shared_seq_no", _("seqNo used by several types")

    event = models.CharField(_("event"), max_length=32)
    channel_number = models.IntegerField(_("channel ID"), null=True)
    seq_no = models.CharField("seqNo", max_length=128, blank=True)
    username = models.CharField(_("username"), max_length=64, blank=True)
    round_code = models.CharField(_("round code"), max_length=128, blank=True)
    request = models.TextField(_("request"), help_text=_("JSON without its secrets."))
    answer = models.TextField(_("answer"))
    status = models.IntegerField(_("status"))
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), default=200)
    decision = models.CharField(_("decision"), max_length=8, choices=Decision)
    note = models.CharField(_("note"), max_length=120, blank=True)
    case = models.CharField(_("case"), max_length=16, choices=Case, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("handled by"),
        db_index=False,
    )
    # Rows of the inbox are written in bulk beside the answer: a lock on the shared key row and
    # on the entry for each of them would be a cost without a use, since neither is ever deleted.
    key = models.ForeignKey(
        ChannelKey,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("signing key"),
        db_constraint=False,
        db_index=False,
    )
    entry = models.ForeignKey(
        LedgerEntry,
        models.DO_NOTHING,
        null=True,
        related_name="callbacks",
        verbose_name=_("ledger entry"),
        db_constraint=False,
    )
    address = models.GenericIPAddressField(_("caller"), null=True)
    microseconds = models.PositiveIntegerField(_("time taken (µs)"))
    received_at = models.DateTimeField(_("received at"))

    objects = ReceivedCallbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("received callback")
        verbose_name_plural = _("received callbacks")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="callback_newest"),
            models.Index(fields=["channel_number", "-received_at", "-id"], name="callback_channel"),
            models.Index(fields=["seq_no"], condition=~Q(seq_no=""), name="callback_seq_no"),
            models.Index(
                fields=["username", "-received_at"],
                condition=~Q(username=""),
                name="callback_username",
            ),
            models.Index(fields=["round_code"], condition=~Q(round_code=""), name="callback_round"),
            models.Index(
                fields=["-received_at", "-id"],
                condition=~Q(decision__in=[*FINE]),
                name="callback_refused",
            ),
            models.Index(
                fields=["-received_at"],
                condition=ATTENTION[Attention.OPEN],
                name="callback_open_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"


class RefundRequest(models.Model):
    """A refund message that was carried out, with its answer: a repeat gets the same answer."""

    channel_number = models.IntegerField(_("channel ID"))
    event = models.CharField(_("event"), max_length=32)
    seq_no = models.CharField("seqNo", max_length=128)
    fingerprint = models.BinaryField(_("fingerprint of the content"), max_length=32)
    answer = models.TextField(_("answer"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("refund request")
        verbose_name_plural = _("refund requests")
        constraints = [
            models.UniqueConstraint(
                fields=["channel_number", "event", "seq_no"], name="refund_request_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.channel_number}/{self.seq_no}"
