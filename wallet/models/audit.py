from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEvent(models.Model):
    """One change of one row, written by a trigger: who, when, from where, before and after.

    ``before`` and ``after`` hold the columns that changed; secrets only show that they did. A
    change without a staff member was made by a task, a command or by hand, as ``database_role``.
    """

    class Action(models.TextChoices):
        INSERT = "insert", _("created")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")

    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("staff member"),
        db_constraint=False,
        db_index=False,
    )
    database_role = models.CharField(_("database role"), max_length=63)
    address = models.GenericIPAddressField(_("address"), null=True)
    path = models.CharField(_("page"), max_length=200, blank=True)
    action = models.CharField(_("action"), max_length=6, choices=Action)
    relation = models.CharField(_("table"), max_length=63)
    object_id = models.CharField(_("row"), max_length=40)
    channel_number = models.IntegerField(_("channel ID"), null=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit trail")
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["channel_number", "-at", "-id"], name="audit_of_channel"),
            models.Index(fields=["relation", "object_id", "-at"], name="audit_of_object"),
            models.Index(fields=["actor", "-at"], name="audit_of_actor"),
            models.Index(fields=["relation", "-at", "-id"], name="audit_of_table"),
            # Only what staff did has these two.
            models.Index(
                fields=["address", "-at"],
                condition=models.Q(address__isnull=False),
                name="audit_of_address",
            ),
            models.Index(
                fields=["path"],
                opclasses=["varchar_pattern_ops"],
                condition=~models.Q(path=""),
                name="audit_of_path",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
