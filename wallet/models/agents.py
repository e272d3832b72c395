from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.models.channels import Channel, SubChannel
from wallet.secrets import EncryptedTextField


class Agent(models.Model):
    """代理: who brought the player in. A tree; the agent API's own account may hang on it."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="agents", verbose_name=_("channel")
    )
    agent_id = models.CharField(_("agent ID"), max_length=50)
    name = models.CharField(_("name"), max_length=80, blank=True)
    sub_channel = models.ForeignKey(
        SubChannel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agents",
        verbose_name=_("sub-channel"),
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent agent"),
    )
    api_url = models.URLField(_("agent API address"), blank=True)
    api_username = models.CharField(_("agent API ID"), max_length=100, blank=True)
    api_password = EncryptedTextField(_("agent API secret"), blank=True, default="")
    free_credit = models.BooleanField(
        _("free credit (泥码) enabled"),
        default=False,
        help_text=_("Only when the agent API has switched it on for this agent."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = [
            models.UniqueConstraint(fields=["channel", "agent_id"], name="agent_once"),
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")), name="agent_not_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return self.agent_id
