from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models.channels import Channel
from wallet.models.players import Player


class Note(models.Model):
    """What staff tell each other about a player. Its text is never edited; it can be withdrawn."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    player = models.ForeignKey(
        Player, models.PROTECT, related_name="notes", verbose_name=_("player"), db_index=False
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("author"),
        db_index=False,
    )
    text = models.TextField(_("text"), max_length=2000)
    pinned = models.BooleanField(_("pinned"), default=False)
    at = models.DateTimeField(_("written at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
        db_index=False,
    )
    withdrawal_reason = models.CharField(_("why it was withdrawn"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdrawn_by=None, withdrawal_reason="")
                | models.Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~models.Q(withdrawal_reason=""),
                name="note_withdrawn_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["player", "-at", "-id"], name="note_of_player"),
            models.Index(fields=["channel", "-at", "-id"], name="note_newest"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
