"""What moved, hour by hour: kept beside the ledger so that nobody adds it up again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.channels import Channel
from wallet.models.ledger import EntryKind


class HourlyTotal(models.Model):
    """The applied entries of one kind that occurred within one hour (UTC)."""

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="+",
        verbose_name=_("channel"),
        db_constraint=False,
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=8)
    hour = models.DateTimeField(_("hour"))
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind)
    entries = models.BigIntegerField(_("entries"))
    amount = MoneyField(_("amount"), max_digits=30)

    class Meta:
        verbose_name = _("hourly total")
        verbose_name_plural = _("hourly totals")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "hour", "currency", "kind"], name="hourly_total_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.hour:%Y-%m-%d %H} {self.currency} {self.kind}"


class TotalsMark(models.Model):
    """How far the hourly totals have come: every transaction below it is in them. One row."""

    until_xact = models.BigIntegerField(default=0)
    rolled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="totals_mark_one")]

    def __str__(self) -> str:
        return f"totals until transaction {self.until_xact}"
