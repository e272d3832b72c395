"""What entries say of one another: money withheld and returned, bets that failed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.ledger import LedgerEntry
from wallet.models.wallets import Wallet


class Hold(models.Model):
    """Money withheld by a hold entry, returned in parts up to the whole."""

    entry = models.OneToOneField(
        LedgerEntry, models.PROTECT, primary_key=True, related_name="hold", verbose_name=_("entry")
    )
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        related_name="holds",
        verbose_name=_("wallet"),
        db_index=False,
    )
    amount = MoneyField(_("withheld"))
    remaining = MoneyField(_("not yet returned"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("amount")),
                name="hold_remaining",
            )
        ]
        indexes = [
            models.Index(fields=["wallet"], condition=models.Q(remaining__gt=0), name="hold_open")
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class HoldReturn(models.Model):
    """How much of a hold one release entry returned."""

    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, related_name="hold_returns", verbose_name=_("entry")
    )
    hold = models.ForeignKey(Hold, models.PROTECT, related_name="returns", verbose_name=_("hold"))
    amount = MoneyField(_("amount"))

    class Meta:
        verbose_name = _("return of a hold")
        verbose_name_plural = _("returns of holds")
        constraints = [
            models.UniqueConstraint(fields=["entry", "hold"], name="hold_return_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="hold_return_positive"),
        ]

    def __str__(self) -> str:
        return f"return {self.pk}"


class FailedStake(models.Model):
    """A bet that a payout reported as failed at the provider: it may still be refunded once."""

    stake = models.OneToOneField(
        LedgerEntry,
        models.PROTECT,
        primary_key=True,
        related_name="failure",
        verbose_name=_("bet"),
    )
    reported_by = models.ForeignKey(
        LedgerEntry, models.PROTECT, related_name="reported_failures", verbose_name=_("payout")
    )

    class Meta:
        verbose_name = _("failed bet")
        verbose_name_plural = _("failed bets")

    def __str__(self) -> str:
        return f"failed stake {self.pk}"
