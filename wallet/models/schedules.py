from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportSchedule(models.Model):
    """An export that comes again after each day, week or month, about the one that has ended.

    ``request`` is as in Export, without its period. It runs with the permissions and the scope
    that its owner has then.
    """

    class Rule(models.TextChoices):
        DAILY = "daily", _("every day")
        WEEKLY = "weekly", _("every week, Monday to Sunday")
        MONTHLY = "monthly", _("every month")

    name = models.CharField(_("name"), max_length=80)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="export_schedules",
        verbose_name=_("owner"),
    )
    request = models.JSONField(_("request"))
    rule = models.CharField(_("rule"), max_length=7, choices=Rule, default=Rule.DAILY)
    kept_days = models.PositiveSmallIntegerField(
        _("kept for (days)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(400)]
    )
    deliver = models.BooleanField(
        _("deliver to the store"),
        default=False,
        help_text=_("The file also goes to the folder or bucket of this installation."),
    )
    active = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField(_("next run"))
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)

    class Meta:
        verbose_name = _("scheduled export")
        verbose_name_plural = _("scheduled exports")
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(active=True), name="export_schedule_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
