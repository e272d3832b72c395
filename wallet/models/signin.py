"""How staff sign in: from where, with what, and what came of it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models.channels import validate_network
from wallet.secrets import EncryptedTextField


class StaffNetwork(models.Model):
    """A network from which a staff member may work. No row: from wherever everybody may."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="staff_networks",
        verbose_name=_("staff member"),
    )
    network = models.CharField(_("network"), max_length=43, validators=[validate_network])

    class Meta:
        verbose_name = _("allowed network")
        verbose_name_plural = _("allowed networks")
        constraints = [
            models.UniqueConstraint(fields=["user", "network"], name="staff_network_once")
        ]

    def __str__(self) -> str:
        return self.network


class SecondFactor(models.Model):
    """An authenticator app's secret, and digests of the recovery codes that are left.

    It counts from ``confirmed_at`` on, when a first code proved that the app knows the secret.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="second_factor",
        verbose_name=_("staff member"),
    )
    secret = EncryptedTextField(_("secret"))
    last_step = models.BigIntegerField(
        _("last code"),
        default=0,
        help_text="Unix time by 30 seconds of the last accepted code: each works once.",
    )
    recovery = ArrayField(
        models.CharField(max_length=64), verbose_name=_("recovery codes"), default=list, blank=True
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True)

    class Meta:
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class StaffSession(models.Model):
    """A browser in which a staff member is or was signed in. Never the session's key."""

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", _("signed out")
        STAFF = "staff", _("ended by staff")
        PASSWORD = "password", _("password changed")
        FACTOR = "factor", _("second factor changed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="staff_sessions",
        verbose_name=_("staff member"),
        db_index=False,
    )
    verified = models.BooleanField(_("second factor shown"), default=False)
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    started_at = models.DateTimeField(_("signed in at"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    end_reason = models.CharField(_("why it ended"), max_length=10, choices=End, blank=True)

    class Meta:
        verbose_name = _("staff session")
        verbose_name_plural = _("staff sessions")
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="staff_session_newest"),
            models.Index(fields=["user", "-started_at", "-id"], name="staff_session_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class StaffLogin(models.Model):
    """What came of an attempt to sign in. Lock-outs count these rows; none is ever changed."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("signed in")
        RECOVERY = "recovery", _("signed in with a recovery code")
        WRONG_PASSWORD = "wrong_password", _("wrong name or password")
        WRONG_CODE = "wrong_code", _("wrong code")
        INACTIVE = "inactive", _("account switched off")
        LOCKED = "locked", _("locked out")
        NETWORK = "network", _("address not allowed")
        UNLOCKED = "unlocked", _("unlocked by a colleague")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("staff member"),
        db_constraint=False,
        db_index=False,
    )
    username = models.CharField(_("username"), max_length=150, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    address = models.GenericIPAddressField(_("address"), null=True)
    browser = models.CharField(_("browser"), max_length=200, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        verbose_name=_("by"),
        db_constraint=False,
        db_index=False,
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("staff sign-in")
        verbose_name_plural = _("staff sign-ins")
        indexes = [
            models.Index(fields=["-at", "-id"], name="staff_login_newest"),
            models.Index(fields=["username", "-at"], name="staff_login_of_username"),
            models.Index(fields=["address", "-at"], name="staff_login_of_address"),
            models.Index(fields=["user", "-at", "-id"], name="staff_login_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
