"""Where pushes go: an agent's account at HRG, a channel's site at 贝盈."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.codes import Reaction
from wallet.models import Agent, Channel
from wallet.secrets import EncryptedTextField


class Provider(models.TextChoices):
    HRG = "hrg", "HRG"
    BEIYING = "beiying", "贝盈"


class BeiyingSite(models.Model):
    """A channel's site at 贝盈."""

    channel = models.OneToOneField(
        Channel, models.PROTECT, related_name="beiying_site", verbose_name=_("channel")
    )
    api_url = models.URLField(_("API address"))
    site_id = models.PositiveIntegerField(_("site ID"), validators=[MinValueValidator(1)])
    secret_key = EncryptedTextField(_("secret key"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("贝盈 site")
        verbose_name_plural = _("贝盈 sites")
        constraints = [
            models.CheckConstraint(condition=models.Q(site_id__gt=0), name="beiying_site_id"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}: {self.site_id}"


class HrgCode(models.Model):
    """What an HRG status code makes us do, as the vendor names them; beats the built-in table."""

    code = models.CharField(
        _("code"), max_length=4, primary_key=True, validators=[RegexValidator(r"^.{4}\Z")]
    )
    reaction = models.CharField(_("reaction"), max_length=10, choices=Reaction)
    meaning = models.CharField(_("meaning"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("HRG code")
        verbose_name_plural = _("HRG codes")

    def __str__(self) -> str:
        return self.code


class Target(models.Model):
    """One access to one provider, with its own queue, limits and circuit breaker.

    `name` is how the provider knows us there, the agent's ID or the site's, and `namespace`
    within what the names of accounts are unique; both follow the access.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        TRIPPED = "tripped", _("stopped: access refused")
        PAUSED = "paused", _("paused by staff")

    class NamePolicy(models.TextChoices):
        ALIAS = "alias", _("use an alias")
        REFUSE = "refuse", _("refuse the player")

    provider = models.CharField(_("provider"), max_length=10, choices=Provider)
    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="targets", verbose_name=_("channel")
    )
    agent = models.OneToOneField(
        Agent,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="target",
        verbose_name=_("agent"),
    )
    site = models.OneToOneField(
        BeiyingSite,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="target",
        verbose_name=_("贝盈 site"),
    )
    namespace = models.CharField(max_length=320, editable=False)
    name = models.CharField(max_length=50, blank=True, editable=False)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    state_reason = models.CharField(_("reason"), max_length=300, blank=True)
    state_since = models.DateTimeField(_("since"), null=True, blank=True)
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    probes = models.PositiveIntegerField(_("probes since it stopped"), default=0)
    probe_at = models.DateTimeField(_("next probe"), null=True, blank=True)
    max_concurrency = models.PositiveSmallIntegerField(
        _("calls at the same time"),
        default=8,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    calls_per_minute = models.PositiveIntegerField(
        _("calls a minute"), default=0, help_text=_("0: no limit.")
    )
    next_call_at = models.DateTimeField(null=True, blank=True, editable=False)
    name_policy = models.CharField(
        _("usernames that the provider cannot take"),
        max_length=8,
        choices=NamePolicy,
        default=NamePolicy.ALIAS,
    )

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(provider="hrg", agent__isnull=False, site__isnull=True)
                | models.Q(provider="beiying", agent__isnull=True, site__isnull=False),
                name="target_access",
            ),
            models.CheckConstraint(
                condition=models.Q(max_concurrency__gte=1), name="target_concurrency"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "tripped", "paused"]), name="target_state"
            ),
        ]

    def __str__(self) -> str:
        name = self.name or self.agent_id or self.site_id
        return f"{self.get_provider_display()} {self.channel_id}/{name}"

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE
