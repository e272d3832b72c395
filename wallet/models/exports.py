from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """A file that somebody, or their schedule, asked for, made in the background.

    ``request`` says what is in it, never which rows: those are found when it runs. ``snapshot``
    fixes the moment, so that a run after a lost worker writes the same file again. The worker that
    holds the export has ``lease``; what it reports counts only while that is still the row's.
    ``noticed_at`` is when its owner was told that it has ended, ``seen_at`` when they looked.
    """

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("ready")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")
        EXPIRED = "expired", _("expired")

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="exports",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    source = models.CharField(_("content"), max_length=20)
    request = models.JSONField(_("request"))
    format = models.CharField(_("format"), max_length=4, choices=Format, default=Format.CSV)
    language = models.CharField(_("language"), max_length=10, default="en")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    scope = models.JSONField(_("scope"), null=True, editable=False)
    snapshot = models.TextField(blank=True, editable=False)
    lease = models.UUIDField(null=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    rows_total = models.BigIntegerField(_("rows"), null=True)
    rows_done = models.BigIntegerField(_("rows written"), default=0)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    noticed_at = models.DateTimeField(_("noticed at"), null=True, editable=False)
    seen_at = models.DateTimeField(null=True, editable=False)
    kept_days = models.PositiveSmallIntegerField(_("kept for (days)"), default=7)
    expires_at = models.DateTimeField(_("kept until"), null=True)
    file = models.FileField(_("file"), max_length=200, blank=True)
    size = models.BigIntegerField(_("size (bytes)"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    manifest = models.JSONField(_("manifest"), null=True)
    schedule = models.ForeignKey(
        "wallet.ExportSchedule",
        models.SET_NULL,
        null=True,
        related_name="exports",
        verbose_name=_("schedule"),
    )
    deliver = models.BooleanField(_("deliver to the store"), default=False)
    delivery_attempts = models.PositiveSmallIntegerField(_("attempts to deliver"), default=0)
    delivery_due_at = models.DateTimeField(_("next delivery"), null=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True)
    delivery_problem = models.CharField(_("why it was not delivered"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        indexes = [
            models.Index(fields=["-requested_at"], name="export_newest"),
            models.Index(
                fields=["requested_at"],
                condition=models.Q(state__in=["queued", "running"]),
                name="export_due",
            ),
            models.Index(
                fields=["requested_by"],
                condition=models.Q(state__in=["done", "failed"], seen_at=None),
                name="export_unseen",
            ),
            models.Index(
                fields=["delivery_due_at"],
                condition=models.Q(delivery_due_at__isnull=False),
                name="export_delivery_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @property
    def percent(self) -> int:
        """How far it is; 0 until the rows have been counted."""
        if self.state == self.State.DONE:
            return 100
        return min(99, 100 * self.rows_done // self.rows_total) if self.rows_total else 0

    @property
    def time_left(self) -> timedelta | None:
        """By its speed so far."""
        if not (self.started_at and self.rows_total and self.rows_done):
            return None
        elapsed = timezone.now() - self.started_at
        return elapsed * (self.rows_total - self.rows_done) / self.rows_done
