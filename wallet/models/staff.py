from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.models.channels import Channel, SubChannel


class StaffScope(models.Model):
    """A channel, or one sub-channel of it, that a staff member sees. No row: nothing.

    Superusers see everything without a row.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="scopes",
        verbose_name=_("staff member"),
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    sub_channel = models.ForeignKey(
        SubChannel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sub-channel"),
        help_text=_("Empty: the whole channel."),
    )

    class Meta:
        verbose_name = _("staff scope")
        verbose_name_plural = _("staff scopes")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "channel", "sub_channel"],
                nulls_distinct=False,
                name="staff_scope_once",
            )
        ]

    def __str__(self) -> str:
        return f"scope {self.pk}"
