from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.channels import Channel, currency_validator
from wallet.models.players import Player

MAIN_TYPE_ID = 0


class WalletType(models.Model):
    """eBET's typeId 0–6. 0 is the main wallet; what 1–6 are for is the operator's choice."""

    type_id = models.PositiveSmallIntegerField(
        _("type ID"), primary_key=True, validators=[MaxValueValidator(6)]
    )
    name = models.CharField(_("name"), max_length=40)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("wallet type")
        verbose_name_plural = _("wallet types")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(type_id__gte=0, type_id__lte=6), name="wallet_type_id"
            )
        ]

    def __str__(self) -> str:
        return f"{self.type_id} {self.name}"


class Wallet(models.Model):
    """The player's money of one typeId: the only stored balance.

    ``balance`` can be spent, ``held`` is withheld by open holds. Both, and ``version`` (how many
    entries there are), move only when the database inserts a ledger entry.
    """

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="wallets", verbose_name=_("channel")
    )
    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="wallets",
        verbose_name=_("player"),
        db_index=False,
    )
    type = models.ForeignKey(
        WalletType,
        models.PROTECT,
        related_name="wallets",
        verbose_name=_("wallet type"),
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=8, validators=[currency_validator])
    balance = MoneyField(_("balance"), default=0)
    held = MoneyField(_("withheld"), default=0)
    version = models.BigIntegerField(_("entries"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        # What is withheld never falls below zero: the trigger that moves the wallet sees to it.
        constraints = [models.UniqueConstraint(fields=["player", "type"], name="wallet_of_type")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk} (typeId {self.type_id})"


class HouseAccount(models.Model):
    """The other side of every entry. Its balance is derived from the entries, never stored."""

    class Role(models.TextChoices):
        CLEARING = "clearing", _("eBET clearing")
        WITHHELD = "withheld", _("withheld stakes")
        BONUS = "bonus", _("bonuses and prizes")
        TIPS = "tips", _("tips")
        CASH = "cash", _("deposits and withdrawals")
        OPENING = "opening", _("opening balances")
        ADJUSTMENTS = "adjustments", _("adjustments")
        TRANSIT = "transit", _("transfers between own wallets")
        PROVIDERS = "providers", _("funds at providers")

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="house_accounts",
        verbose_name=_("channel"),
        db_index=False,
    )
    currency = models.CharField(_("currency"), max_length=8, validators=[currency_validator])
    role = models.CharField(_("role"), max_length=12, choices=Role)

    class Meta:
        verbose_name = _("house account")
        verbose_name_plural = _("house accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "currency", "role"], name="house_account_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.currency} {self.get_role_display()}"
