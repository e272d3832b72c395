"""The operator's channels at eBET, their keys and their sub-channels."""

from __future__ import annotations

import ipaddress

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.secrets import EncryptedTextField

WEAK_KEY_BITS = 1024

currency_validator = RegexValidator(r"^[A-Z]{3,8}$", _("Use the currency's code, such as CNY."))


def validate_network(value: str) -> None:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValidationError(
            _("“%(value)s” is not a network: write it as 203.0.113.0/24 or 203.0.113.10/32."),
            params={"value": value},
        ) from error


def default_refund_signatures() -> list[str]:
    return ["timestamp"]


class Channel(models.Model):
    """渠道: the operator as eBET knows it. The primary key is eBET's channelId; it may be negative.

    Number and currency never change once players exist, and a channel is never deleted: it is
    closed instead.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        MAINTENANCE = "maintenance", _("maintenance")
        CLOSED = "closed", _("closed")

    class RefundMode(models.TextChoices):
        EBET = "ebet", _("eBET sends the refund")
        SELF = "self", _("we refund at once")
        REFUSE_PAYOUT = "refuse_payout", _("refuse the payout until the refund has come")

    class RefundSignature(models.TextChoices):
        TIMESTAMP = "timestamp", "timestamp"
        CHANNEL_TIMESTAMP = "channelId+timestamp", "channelId+timestamp"

    id = models.IntegerField(_("channel ID"), primary_key=True)
    name = models.CharField(_("name"), max_length=80)
    currency = models.CharField(_("currency"), max_length=8, validators=[currency_validator])
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.ACTIVE, db_index=True
    )
    allowed_networks = ArrayField(
        models.CharField(max_length=43, validators=[validate_network]),
        verbose_name=_("allowed caller networks"),
        default=list,
        blank=True,
        help_text=_("Networks from which eBET may call, in CIDR notation. None listed: nobody."),
    )
    timestamp_tolerance = models.PositiveIntegerField(
        _("timestamp tolerance (s)"),
        default=600,
        validators=[MaxValueValidator(86_400)],
        help_text=_("How far a message's timestamp may be from our clock. 0 switches it off."),
    )
    session_idle_minutes = models.PositiveIntegerField(
        _("session idle time (min)"), default=24 * 60, validators=[MinValueValidator(1)]
    )
    auto_register = models.BooleanField(
        _("register unknown players"),
        default=False,
        help_text=_("A password login of an unknown username opens an account."),
    )
    serve_callback = models.BooleanField(
        _("serve the callback event"),
        default=True,
        help_text=_("Answer POST /callback from our own wallets."),
    )
    open_payout = models.BooleanField(
        _("accept payouts of unknown rounds"),
        default=False,
        help_text=_("Otherwise a payout without a known bet is answered 208."),
    )
    refund_mode = models.CharField(
        _("bets that eBET reports as failed"),
        max_length=16,
        choices=RefundMode,
        default=RefundMode.EBET,
    )
    batch_refund_signatures = ArrayField(
        models.CharField(max_length=24, choices=RefundSignature),
        verbose_name=_("signature of autoBatchRefund"),
        default=default_refund_signatures,
        help_text=_("The texts over which eBET may sign autoBatchRefund."),
    )
    allow_weak_keys = models.BooleanField(
        _("allow keys below 1024 bits"),
        default=False,
        help_text=_("A 512-bit key can be factored by anyone. Ask eBET for at least 1024 bits."),
    )
    compat_username = models.BooleanField(
        _("send userName as well"),
        default=False,
        help_text=_("syncCredit answers carry the older spelling beside username."),
    )
    query_absolute_money = models.BooleanField(
        _("unsigned amounts in credit records"),
        default=False,
        help_text=_("queryIncreaseCreditRecord answers amounts without their sign."),
    )
    wallet_routes = models.JSONField(
        _("wallet per game"),
        default=dict,
        blank=True,
        help_text=_('Which tableType is paid from which wallet, such as {"5": 1}. Others: 0.'),
    )
    ebet_api_url = models.URLField(_("eBET API address"), blank=True)
    launch_url = models.URLField(_("game address"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3,8}$"), name="channel_currency"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "maintenance", "closed"]),
                name="channel_status",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.name}"

    def clean(self) -> None:
        validate_routes(self.wallet_routes)

    @property
    def active_key(self) -> ChannelKey | None:
        """The one that signs and checks; asks the database each time."""
        return self.keys.filter(state=ChannelKey.State.ACTIVE).first()


def validate_routes(routes: object) -> None:
    """Raises ValidationError unless routes map tableType numbers to wallet types 0–6."""
    valid = isinstance(routes, dict) and all(
        str(key).lstrip("-").isdigit() and type(value) is int and 0 <= value <= 6
        for key, value in routes.items()
    )
    if not valid:
        raise ValidationError(
            {"wallet_routes": _('Map tableType numbers to wallets 0–6, such as {"5": 1}.')}
        )


class ChannelKey(models.Model):
    """One RSA key pair that eBET issued: its public half checks, its private half signs."""

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        NEXT = "next", _("next")
        RETIRED = "retired", _("retired")

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="keys", verbose_name=_("channel")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEXT)
    public_pem = models.TextField(_("public key (PEM)"))
    private_pem = EncryptedTextField(_("private key (PEM)"), blank=True, default="")
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    bits = models.PositiveIntegerField(_("size (bits)"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    class Meta:
        verbose_name = _("channel key")
        verbose_name_plural = _("channel keys")
        constraints = [
            models.UniqueConstraint(fields=["channel", "fingerprint"], name="channel_key_once"),
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state="active"),
                name="channel_one_active_key",
                violation_error_message=_("The channel has an active key: retire it first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}:{self.fingerprint[:12]}"

    @property
    def is_weak(self) -> bool:
        return self.bits < WEAK_KEY_BITS


class SubChannel(models.Model):
    """子渠道. Number and name never change once used, and it is never deleted (eBET's rule)."""

    channel = models.ForeignKey(
        Channel, models.PROTECT, related_name="sub_channels", verbose_name=_("channel")
    )
    number = models.PositiveIntegerField(_("sub-channel ID"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("sub-channel")
        verbose_name_plural = _("sub-channels")
        constraints = [
            models.UniqueConstraint(fields=["channel", "number"], name="sub_channel_number"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.number} {self.name}"
