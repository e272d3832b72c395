"""One operation of staff on many jobs, carried out in the background."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models.jobs import ProvisioningJob


class BulkRun(models.Model):
    """An operation on the jobs that its items name.

    A draft is what somebody chose and has not confirmed; nobody else sees it, and nothing
    works on it. `channels` are those of the jobs. `lease` belongs to the worker that works
    the run off until `lease_until`; it spares others the effort, and no promise rests on it.
    """

    class Operation(models.TextChoices):
        RETRY = "retry", _("Retry jobs")
        CANCEL = "cancel", _("Cancel jobs")

    class State(models.TextChoices):
        DRAFT = "draft", _("to be confirmed")
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("at work")
        DONE = "done", _("finished")
        STOPPED = "stopped", _("stopped")

    operation = models.CharField(_("action"), max_length=10, choices=Operation)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    channels = ArrayField(models.BigIntegerField(), default=list, editable=False)
    total = models.PositiveIntegerField(_("jobs"), default=0)
    language = models.CharField(max_length=10, default="en", editable=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("requested by"),
    )
    requested_at = models.DateTimeField(_("requested at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("stopped by"),
        db_index=False,
    )
    lease = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("bulk run")
        verbose_name_plural = _("bulk runs")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="draft") | ~models.Q(reason=""), name="bulk_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["done", "stopped"], finished_at__isnull=False)
                | ~models.Q(state__in=["done", "stopped"]) & models.Q(finished_at=None),
                name="bulk_finished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(state__in=["queued", "running"]),
                name="bulk_unfinished",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class BulkRunItem(models.Model):
    """One job of a run, and what came of it; `reason` says why it was refused."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    run = models.ForeignKey(
        BulkRun, models.CASCADE, related_name="items", verbose_name=_("bulk run"), db_index=False
    )
    job = models.ForeignKey(
        ProvisioningJob,
        models.PROTECT,
        related_name="bulk_items",
        verbose_name=_("job"),
        db_index=False,
    )
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome)
    reason = models.CharField(_("why"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"), null=True)

    class Meta:
        verbose_name = _("job of a bulk run")
        verbose_name_plural = _("jobs of bulk runs")
        constraints = [models.UniqueConstraint(fields=["run", "job"], name="bulk_job_once")]
        indexes = [models.Index(fields=["run", "outcome", "id"], name="bulk_outcome")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.job_id}"
