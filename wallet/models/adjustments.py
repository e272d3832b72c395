"""Manual movements: one person proposes, others approve, the last approval posts."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.channels import Channel, currency_validator
from wallet.models.ledger import EntryKind, LedgerEntry
from wallet.models.wallets import Wallet


class Adjustment(models.Model):
    class Kind(models.TextChoices):
        ADJUSTMENT = EntryKind.ADJUSTMENT.value, EntryKind.ADJUSTMENT.label
        DEPOSIT = EntryKind.DEPOSIT.value, EntryKind.DEPOSIT.label
        WITHDRAWAL = EntryKind.WITHDRAWAL.value, EntryKind.WITHDRAWAL.label
        BONUS = EntryKind.BONUS.value, EntryKind.BONUS.label
        CLAWBACK = EntryKind.CLAWBACK.value, EntryKind.CLAWBACK.label

    class State(models.TextChoices):
        PROPOSED = "proposed", _("waiting for approval")
        POSTED = "posted", _("posted")
        REJECTED = "rejected", _("rejected")
        REFUSED = "refused", _("refused by the ledger")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    wallet = models.ForeignKey(
        Wallet, models.PROTECT, related_name="adjustments", verbose_name=_("wallet")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.ADJUSTMENT)
    amount = MoneyField(
        _("amount"), help_text=_("Signed from the player's side: -20 takes 20 from the player.")
    )
    reason = models.CharField(_("reason"), max_length=200)
    attachment = models.FileField(
        _("evidence"), upload_to="adjustments/%Y/%m/", blank=True, max_length=200
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by")
    )
    entry = models.OneToOneField(
        LedgerEntry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjustment",
        verbose_name=_("ledger entry"),
    )
    created_at = models.DateTimeField(_("proposed at"), auto_now_add=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")
        constraints = [
            models.CheckConstraint(condition=~models.Q(amount=0), name="adjustment_moves"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="adjustment_has_a_reason"),
        ]
        indexes = [
            models.Index(fields=["channel", "-created_at"], name="adjustment_newest"),
            models.Index(
                fields=["channel"],
                condition=models.Q(state="proposed"),
                name="adjustment_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class AdjustmentDecision(models.Model):
    """One person's approval or rejection. Kept for ever; the maker can give none."""

    adjustment = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="decisions", verbose_name=_("adjustment")
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("decided by")
    )
    approved = models.BooleanField(_("approved"))
    comment = models.CharField(_("comment"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["adjustment", "checker"], name="adjustment_decided_once_by_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class ApprovalLimit(models.Model):
    """Up to which amount one approval by a member of the role suffices; beyond it takes two.

    A role without a limit in the currency never suffices alone.
    """

    role = models.ForeignKey(
        "auth.Group", models.CASCADE, related_name="approval_limits", verbose_name=_("role")
    )
    currency = models.CharField(_("currency"), max_length=8, validators=[currency_validator])
    amount = MoneyField(_("limit"), validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("approval limit")
        verbose_name_plural = _("approval limits")
        constraints = [
            models.UniqueConstraint(fields=["role", "currency"], name="approval_limit_once")
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
