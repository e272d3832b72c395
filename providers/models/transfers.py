"""Money between a wallet and a provider account, in two phases."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import ProviderAccount
from providers.models.jobs import ProvisioningJob
from wallet.fields import MoneyField
from wallet.models import Channel, Wallet


class ProviderTransfer(models.Model):
    """Held, then called under our order id, then settled or released; never half of it."""

    class Direction(models.TextChoices):
        FUND = "fund", _("to the provider")
        TAKE_BACK = "take_back", _("from the provider")

    class State(models.TextChoices):
        OPEN = "open", _("in progress")
        SETTLED = "settled", _("settled")
        RELEASED = "released", _("not carried out")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    account = models.ForeignKey(
        ProviderAccount,
        models.PROTECT,
        related_name="transfers",
        verbose_name=_("provider account"),
    )
    wallet = models.ForeignKey(
        Wallet, models.PROTECT, related_name="provider_transfers", verbose_name=_("wallet")
    )
    job = models.OneToOneField(
        ProvisioningJob, models.PROTECT, related_name="transfer", verbose_name=_("job")
    )
    direction = models.CharField(_("direction"), max_length=10, choices=Direction)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=8)
    game = models.CharField(_("game"), max_length=20, blank=True)
    order_id = models.CharField(_("order ID"), max_length=30, unique=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("requested by"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("provider transfer")
        verbose_name_plural = _("provider transfers")
        permissions = [("move_funds", _("Can move funds to and from providers"))]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="transfer_positive"),
            models.CheckConstraint(
                condition=models.Q(state="open", finished_at=None)
                | models.Q(state__in=["settled", "released"], finished_at__isnull=False),
                name="transfer_finished",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], condition=models.Q(state="open"), name="transfer_open"
            ),
            models.Index(fields=["channel", "-id"], name="transfer_newest"),
        ]

    def __str__(self) -> str:
        return self.order_id
