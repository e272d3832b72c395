"""What exists of a player outside, or is about to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.targets import Target
from wallet.models import Channel, Player
from wallet.secrets import EncryptedTextField


class ProviderAccount(models.Model):
    """A player's account at a target; it exists there once `confirmed_at` is set.

    Name and password are settled before the first request, so that every repeat of it
    is the same request.
    """

    class Confirmation(models.TextChoices):
        ANSWER = "answer", _("the provider's answer")
        LOOKED_UP = "looked_up", _("looked up after an unknown outcome")
        EXISTED = "existed", _("“already exists” after an unknown outcome")
        STAFF = "staff", _("staff")

    player = models.ForeignKey(
        Player, models.PROTECT, related_name="provider_accounts", verbose_name=_("player")
    )
    target = models.ForeignKey(
        Target, models.PROTECT, related_name="accounts", verbose_name=_("target"), db_index=False
    )
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel")
    )
    namespace = models.CharField(max_length=320, editable=False)
    external_name = models.CharField(_("name there"), max_length=50, db_collation="C")
    is_alias = models.BooleanField(_("alias"), default=False)
    password = EncryptedTextField(_("password there"), blank=True, default="", editable=False)
    external_id = models.CharField(_("ID there"), max_length=40, blank=True)
    balance = models.DecimalField(
        _("last known balance"), max_digits=20, decimal_places=4, null=True, blank=True
    )
    balance_at = models.DateTimeField(_("balance as of"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("exists since"), null=True, blank=True)
    confirmed_by = models.CharField(_("known by"), max_length=10, choices=Confirmation, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")
        permissions = [("open_game", _("Can open providers' games as a player"))]
        constraints = [
            models.UniqueConstraint(fields=["target", "player"], name="provider_account_once"),
            models.UniqueConstraint(
                fields=["namespace", "external_name"], name="provider_account_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.external_name} ({self.pk})"
