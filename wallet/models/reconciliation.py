"""A day of ours beside the same day of a provider, and what differs."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models.channels import Channel
from wallet.models.ledger import LedgerEntry


class Reconciliation(models.Model):
    """One comparison of one channel's day. The latest of a day is what counts.

    The table is the queue of those who compare. ``since`` (inclusive) to ``until`` (exclusive) is
    the day in ``zone``.
    """

    class Provider(models.TextChoices):
        EBET = "ebet", "eBET"
        HRG = "hrg", "HRG"
        BEIYING = "beiying", "贝盈"

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("compared")
        FAILED = "failed", _("failed")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="reconciliations", verbose_name=_("channel")
    )
    provider = models.CharField(_("provider"), max_length=10, choices=Provider)
    day = models.DateField(_("day"))
    zone = models.CharField(_("time zone"), max_length=40)
    since = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    file = models.FileField(
        _("records of the provider"), upload_to="reconciliations/%Y/%m/", blank=True, max_length=200
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    theirs = models.PositiveBigIntegerField(_("records there"), default=0)
    ours = models.PositiveBigIntegerField(_("records here"), default=0)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    class Meta:
        verbose_name = _("reconciliation")
        verbose_name_plural = _("reconciliations")
        indexes = [
            models.Index(fields=["channel", "provider", "-day", "-id"], name="reconciliation_day"),
            models.Index(
                fields=["requested_at"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="reconciliation_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_provider_display()} {self.channel_id} {self.day} ({self.pk})"


class ReconciliationItem(models.Model):
    """One difference. ``ours`` and ``theirs`` are how either side has it, as plain JSON."""

    class Difference(models.TextChoices):
        MISSING = "missing", _("missing here")
        EXTRA = "extra", _("missing there")
        DIFFERENT = "different", _("different")

    reconciliation = models.ForeignKey(
        Reconciliation,
        models.CASCADE,
        related_name="items",
        verbose_name=_("reconciliation"),
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    difference = models.CharField(_("difference"), max_length=9, choices=Difference)
    key = models.CharField(_("key"), max_length=260)
    differing = ArrayField(models.CharField(max_length=10), verbose_name=_("what differs"))
    username = models.CharField(_("username"), max_length=64, blank=True)
    ours = models.JSONField(_("here"), null=True)
    theirs = models.JSONField(_("there"), null=True)
    entry = models.ForeignKey(
        LedgerEntry,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ledger entry"),
        db_index=False,
    )
    resolved_at = models.DateTimeField(_("resolved at"), null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("resolved by"),
        db_index=False,
    )
    resolution = models.CharField(_("resolution"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "key", "difference"], name="reconciliation_item_once"
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by=None, resolution="")
                | models.Q(resolved_at__isnull=False, resolved_by__isnull=False)
                & ~models.Q(resolution=""),
                name="reconciliation_item_resolved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel"],
                condition=models.Q(resolved_at=None),
                name="reconciliation_item_open",
            ),
            models.Index(fields=["channel", "key"], name="reconciliation_item_key"),
        ]

    def __str__(self) -> str:
        return f"{self.get_difference_display()} {self.key} ({self.pk})"
