"""The outbox: what is to be pushed, and every attempt at it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import ProviderAccount
from providers.models.targets import Target
from wallet.models import Channel, Player


class JobQuerySet(models.QuerySet["ProvisioningJob"]):
    def waiting(self) -> JobQuerySet:
        """Jobs that a worker may take once they are due."""
        return self.filter(
            state__in=[ProvisioningJob.State.PENDING, ProvisioningJob.State.UNKNOWN],
            next_attempt_at__isnull=False,
        )

    def for_staff(self) -> JobQuerySet:
        """Jobs that wait for a person."""
        return self.filter(
            models.Q(state__in=[ProvisioningJob.State.CONFLICT, ProvisioningJob.State.REFUSED])
            | models.Q(state=ProvisioningJob.State.UNKNOWN, next_attempt_at=None)
        )


class ProvisioningJob(models.Model):
    """One push for one player to one target, written in the transaction that asks for it.

    `in_doubt` says that an earlier attempt may have been carried out: the next one
    verifies before it repeats. `failures` counts those in a row, `unknowns` those among
    them whose outcome is unknown. A worker that holds the job has `lease_token`; what it
    reports counts only while the token is still the job's.
    """

    class Kind(models.TextChoices):
        CREATE = "create", _("create the account")
        FUND = "fund", _("send funds")
        TAKE_BACK = "take_back", _("take funds back")

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        SENDING = "sending", _("sending")
        DONE = "done", _("done")
        UNKNOWN = "unknown", _("outcome unknown")
        CONFLICT = "conflict", _("needs a decision")
        REFUSED = "refused", _("refused")
        PAUSED = "paused", _("paused")
        CANCELLED = "cancelled", _("cancelled")

    target = models.ForeignKey(
        Target, models.PROTECT, related_name="jobs", verbose_name=_("target"), db_index=False
    )
    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="provisioning_jobs",
        verbose_name=_("player"),
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    account = models.ForeignKey(
        ProviderAccount,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("provider account"),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CREATE)
    options = models.JSONField(_("options"), default=dict, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PENDING)
    in_doubt = models.BooleanField(_("may have been carried out"), default=False)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    failures = models.PositiveIntegerField(default=0, editable=False)
    unknowns = models.PositiveIntegerField(default=0, editable=False)
    code = models.CharField(_("code"), max_length=64, blank=True)
    message = models.CharField(_("message"), max_length=500, blank=True)
    next_attempt_at = models.DateTimeField(_("next attempt"), null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("provisioning job")
        verbose_name_plural = _("provisioning jobs")
        constraints = [
            models.UniqueConstraint(
                fields=["target", "player"],
                condition=models.Q(kind="create") & ~models.Q(state="cancelled"),
                name="job_one_creation",
                violation_error_message=_("The player's account there is in hand already."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="sending", lease_until__isnull=False)
                | ~models.Q(state="sending") & models.Q(lease_token=None),
                name="job_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(account__isnull=False)
                | models.Q(state__in=["refused", "cancelled"]),
                name="job_account",
            ),
        ]
        indexes = [
            models.Index(
                fields=["target", "next_attempt_at", "id"],
                condition=models.Q(state__in=["pending", "unknown"]),
                name="job_due",
            ),
            models.Index(
                fields=["target", "player", "id"],
                condition=models.Q(state__in=["pending", "sending", "unknown", "paused"]),
                name="job_open",
            ),
            models.Index(
                fields=["target", "lease_until"],
                condition=models.Q(state="sending"),
                name="job_leased",
            ),
            models.Index(
                fields=["channel", "state", "-id"],
                condition=~models.Q(state="done"),
                name="job_not_done",
            ),
            models.Index(fields=["channel", "-id"], name="job_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class JobAttempt(models.Model):
    """One exchange with the provider, a worker that never came back, or a word of staff."""

    class Decision(models.TextChoices):
        DONE = "done", _("done")
        VERIFY = "verify", _("verified next")
        RETRY = "retry", _("try again later")
        STAFF = "staff", _("left to staff")
        RETRIED = "retried", _("retried by staff")
        CANCELLED = "cancelled", _("cancelled by staff")
        CONFIRMED = "confirmed", _("confirmed by staff")
        REFUSED = "refused", _("refused for good")
        PAUSE = "pause", _("target stopped")
        LOST = "lost", _("worker lost, outcome unknown")

    job = models.ForeignKey(
        ProvisioningJob, models.CASCADE, related_name="history", verbose_name=_("job")
    )
    number = models.PositiveIntegerField(_("attempt"))
    at = models.DateTimeField(_("at"), default=timezone.now)
    url = models.CharField(_("address"), max_length=300, blank=True)
    request = models.TextField(_("request"), blank=True)
    http_status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    duration_ms = models.PositiveIntegerField(_("duration (ms)"), default=0)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    note = models.CharField(_("note"), max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("staff member"),
        db_index=False,
    )

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        indexes = [BrinIndex(fields=["at"], autosummarize=True, name="attempt_at")]

    def __str__(self) -> str:
        return f"{self.job_id}#{self.number} ({self.pk})"
