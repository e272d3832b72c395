"""What proves the ledger afterwards: seals over closed blocks, and the runs that checked it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seal(models.Model):
    """SHA-256 over a closed block of entries and the seal before it."""

    id = models.BigIntegerField(_("number"), primary_key=True)
    entries = models.PositiveIntegerField(_("entries"))
    from_xact = models.BigIntegerField(_("from transaction"))
    until_xact = models.BigIntegerField(_("until transaction"))
    digest = models.BinaryField(_("digest"), max_length=32)
    sealed_at = models.DateTimeField(_("sealed at"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Verification(models.Model):
    """One run of verify_ledger, with what it counted and the first differences that it found."""

    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"))
    channel_number = models.IntegerField(_("channel ID"), null=True)
    since = models.DateTimeField(_("since"), null=True)
    passed = models.BooleanField(_("passed"))
    report = models.JSONField(_("report"))

    class Meta:
        verbose_name = _("ledger verification")
        verbose_name_plural = _("ledger verifications")
        indexes = [models.Index(fields=["-started_at"], name="verification_newest")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
