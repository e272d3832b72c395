"""Players, their sessions and access tokens. Staff are Django's users, never players."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wallet.models.agents import Agent
from wallet.models.channels import Channel, SubChannel, currency_validator


class Player(models.Model):
    """An account of a channel; eBET calls it a user. The username is lower case."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        LOCKED = "locked", _("locked")
        CLOSED = "closed", _("closed")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="players", verbose_name=_("channel")
    )
    username = models.CharField(_("username"), max_length=64, db_collation="C")
    password = models.CharField(_("password"), max_length=128, blank=True, editable=False)
    nickname = models.CharField(_("nickname"), max_length=64, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ACTIVE)
    status_reason = models.CharField(_("reason of the status"), max_length=200, blank=True)
    currency = models.CharField(_("currency"), max_length=8, validators=[currency_validator])
    user_id = models.BigIntegerField(
        _("user ID"), help_text=_("The number that callbacks answer as userId.")
    )
    ebet_user_id = models.BigIntegerField(
        _("user ID at eBET"), null=True, blank=True, editable=False
    )
    alias = models.CharField(  # noqa: DJ001  unique where there is one
        _("alias"),
        max_length=50,
        null=True,
        blank=True,
        help_text=_("The name used at providers that cannot take the username."),
    )
    sub_channel = models.ForeignKey(
        SubChannel,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="players",
        verbose_name=_("sub-channel"),
    )
    agent = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="players",
        verbose_name=_("agent"),
    )
    registered_at = models.DateTimeField(_("registered at"), default=timezone.now)
    last_login_at = models.DateTimeField(_("last login"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("player")
        verbose_name_plural = _("players")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "username"],
                name="player_username",
                violation_error_message=_("This username is taken in the channel."),
            ),
            models.UniqueConstraint(fields=["channel", "user_id"], name="player_user_id"),
            models.UniqueConstraint(fields=["channel", "alias"], name="player_alias"),
            models.CheckConstraint(
                condition=models.Q(username__regex=r"^[a-z0-9][a-z0-9._@-]{0,63}$"),
                name="player_username_form",
                violation_error_message=_(
                    "Use lower-case letters, digits and . _ @ - and begin with a letter or digit."
                ),
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "locked", "closed"]),
                name="player_status",
            ),
        ]
        indexes = [models.Index(fields=["channel", "-registered_at"], name="player_newest")]

    def __str__(self) -> str:
        return self.username

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class SessionQuerySet(models.QuerySet["PlayerSession"]):
    def live(self) -> SessionQuerySet:
        """Sessions that still open a game: not ended, and fixed or used within the idle time."""
        idle = models.ExpressionWrapper(
            models.F("channel__session_idle_minutes") * models.Value(timedelta(minutes=1)),
            output_field=models.DurationField(),
        )
        return self.filter(ended_at=None).filter(
            models.Q(fixed=True) | models.Q(last_used_at__gte=Now() - idle)
        )


class PlayerSession(models.Model):
    """A running game session. Only the token's digest is kept."""

    class End(models.TextChoices):
        LOGOUT = "logout", _("logged out")
        LOCK = "lock", _("player locked")
        CLOSE = "close", _("account closed")
        STAFF = "staff", _("ended by staff")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    player = models.ForeignKey(
        Player, models.PROTECT, related_name="sessions", verbose_name=_("player")
    )
    digest = models.BinaryField(_("token digest"), max_length=32)
    fixed = models.BooleanField(
        _("fixed"), default=False, help_text=_("Kept for eBET's tests: never expires.")
    )
    login_seq_no = models.CharField(  # noqa: DJ001  unique where there is one
        _("login seqNo"), max_length=128, null=True, blank=True
    )
    event_type = models.IntegerField(_("event type"), null=True, blank=True)
    platform = models.IntegerField(_("platform"), null=True, blank=True)
    address = models.GenericIPAddressField(_("player's address"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    last_used_at = models.DateTimeField(_("last used"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=8, choices=End, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("player session")
        verbose_name_plural = _("player sessions")
        constraints = [
            models.UniqueConstraint(fields=["channel", "digest"], name="session_token"),
            models.UniqueConstraint(
                fields=["channel", "login_seq_no", "event_type"], name="session_login"
            ),
        ]
        indexes = [models.Index(fields=["channel", "-last_used_at"], name="session_recent")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class AccessToken(models.Model):
    """A token with which eBET may log the player in. Only its digest is kept."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    player = models.ForeignKey(
        Player, models.PROTECT, related_name="access_tokens", verbose_name=_("player")
    )
    digest = models.BinaryField(_("token digest"), max_length=32)
    fixed = models.BooleanField(
        _("fixed"), default=False, help_text=_("Kept for eBET's tests: never rotates.")
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        constraints = [
            models.UniqueConstraint(fields=["channel", "digest"], name="access_token"),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class LoginEvent(models.Model):
    """A player's attempt to log in, counted by the throttle and shown as login history."""

    class Outcome(models.TextChoices):
        SUCCESS = "success", _("logged in")
        WRONG_PASSWORD = "wrong_password", _("wrong password")
        UNKNOWN_TOKEN = "unknown_token", _("unknown or expired token")
        INACTIVE = "inactive", _("account locked or closed")
        THROTTLED = "throttled", _("too many attempts")
        FORGIVEN = "forgiven", _("attempts forgiven by staff")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="+", verbose_name=_("channel"), db_index=False
    )
    player = models.ForeignKey(
        Player,
        models.PROTECT,
        null=True,
        related_name="login_events",
        verbose_name=_("player"),
        db_index=False,
    )
    username = models.CharField(_("username"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    event_type = models.IntegerField(_("event type"), null=True)
    address = models.GenericIPAddressField(_("player's address"), null=True)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("player login")
        verbose_name_plural = _("player logins")
        indexes = [
            models.Index(fields=["player", "-at"], name="login_of_player"),
            models.Index(fields=["channel", "address", "-at"], name="login_of_address"),
            models.Index(fields=["channel", "-at"], name="login_newest"),
            models.Index(
                fields=["username", "-at"],
                condition=models.Q(player=None),
                name="login_of_unknown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.get_outcome_display()}"
