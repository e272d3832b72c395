"""The ledger: one immutable row for each request to move money.

A row is a simple journal entry: the player's wallet against one house account, the amount signed
from the player's side. The view behind LedgerLeg spreads each row into its two legs.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.channels import Channel
from wallet.models.players import Player
from wallet.models.wallets import HouseAccount, Wallet


class EntryKind(models.TextChoices):
    OPENING = "opening", _("opening balance")
    BET = "bet", _("bet")
    PAYOUT = "payout", _("payout")
    TIP = "tip", _("tip")
    FEE = "fee", _("tournament fee")
    FEE_REFUND = "fee_refund", _("tournament refund")
    PRIZE = "prize", _("tournament prize")
    CLAWBACK = "clawback", _("prize taken back")
    BONUS = "bonus", _("bonus")
    CORRECTION = "correction", _("corrected payout")
    HOLD = "hold", _("hold")
    RELEASE = "release", _("return of a hold")
    REFUND = "refund", _("refund")
    DEPOSIT = "deposit", _("deposit")
    WITHDRAWAL = "withdrawal", _("withdrawal")
    ADJUSTMENT = "adjustment", _("adjustment")
    TRANSFER_OUT = "transfer_out", _("transfer to another wallet")
    TRANSFER_IN = "transfer_in", _("transfer from another wallet")
    PROVIDER_OUT = "provider_out", _("funds sent to a provider")
    PROVIDER_IN = "provider_in", _("funds back from a provider")
    REVERSAL = "reversal", _("reversal")


class EntryRule(models.Model):
    """What the posting function does with each kind: a table of the schema, changed by migration.

    ``sign`` is what the amount may be (−1, +1, or 0 for either; 0.00 is always allowed). A
    ``forced`` kind settles even below zero. ``needs_active`` kinds are refused unless the player
    is active.
    """

    kind = models.CharField(_("kind"), max_length=12, primary_key=True, choices=EntryKind)
    sign = models.SmallIntegerField(_("sign"))
    forced = models.BooleanField(_("may go below zero"))
    needs_active = models.BooleanField(_("only for active players"))
    contra = models.CharField(_("house account"), max_length=12, choices=HouseAccount.Role)

    class Meta:
        verbose_name = _("entry rule")
        verbose_name_plural = _("entry rules")

    def __str__(self) -> str:
        return self.kind


class LedgerEntry(models.Model):
    class Outcome(models.TextChoices):
        APPLIED = "applied", _("applied")
        REFUSED = "refused", _("refused")
        TOMBSTONE = "tombstone", _("cancelled in advance")

    class Code(models.TextChoices):
        """Why a request moved nothing."""

        INSUFFICIENT_FUNDS = "insufficient_funds", _("not enough money")
        PLAYER_INACTIVE = "player_inactive", _("player locked or closed")
        STAKE_REFUNDED = "stake_refunded", _("its bet was refunded")
        CANCELLED = "cancelled", _("cancelled before it arrived")

    id = models.BigAutoField(primary_key=True)
    # Those without a foreign key constraint are compared with the wallet by the trigger that moves
    # it; a key check would lock rows that all entries share.
    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("channel"),
        db_constraint=False,
        db_index=False,
    )
    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("player"),
        db_constraint=False,
        db_index=False,
    )
    wallet = models.ForeignKey(
        Wallet,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("wallet"),
        db_constraint=False,
        db_index=False,
    )
    house_account = models.ForeignKey(
        HouseAccount,
        models.PROTECT,
        related_name="entries",
        verbose_name=_("house account"),
        db_constraint=False,
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind)
    outcome = models.CharField(_("outcome"), max_length=9, choices=Outcome)
    code = models.CharField(_("reason of refusal"), max_length=20, choices=Code, blank=True)
    requested = MoneyField(_("requested"))
    amount = MoneyField(_("amount"), help_text=_("What moved, signed from the player's side."))
    currency = models.CharField(_("currency"), max_length=8)
    balance_after = MoneyField(_("balance after"))
    sequence = models.BigIntegerField(_("number in the wallet"))
    source = models.CharField(_("source"), max_length=32)
    reference = models.CharField(_("reference"), max_length=260)
    round_code = models.CharField(_("round code"), max_length=128, blank=True)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reversals",
        verbose_name=_("reverses"),
        db_index=False,
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("staff member"),
        db_index=False,
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    detail = models.JSONField(_("detail"), null=True, blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    posted_at = models.DateTimeField(_("posted at"), db_default=Now())
    # Which transaction wrote the row. Whoever follows the ledger takes rows below the oldest
    # running transaction: ids are given out before the rows that carry them can be seen.
    xact = models.BigIntegerField(
        editable=False,
        db_default=models.Func(template="(pg_current_xact_id()::text::bigint)"),
    )

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        # What else an entry must be is checked by the trigger that moves its wallet.
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "reference", "source"], name="ledger_entry_key"
            ),
            models.UniqueConstraint(fields=["wallet", "sequence"], name="ledger_entry_sequence"),
            # With all that the verification asks of a reversal.
            models.UniqueConstraint(
                fields=["reverses"],
                include=["id", "channel", "wallet", "house_account", "amount"],
                condition=models.Q(reverses__isnull=False),
                name="ledger_entry_one_reversal",
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-posted_at", "-id"], name="entry_newest"),
            models.Index(fields=["player", "-posted_at", "-id"], name="entry_of_player"),
            models.Index(
                fields=["channel", "round_code", "player"],
                condition=~models.Q(round_code=""),
                name="entry_of_round",
            ),
            models.Index(
                fields=["channel", "-posted_at"],
                condition=models.Q(balance_after__lt=0),
                name="entry_below_zero",
            ),
            # What staff look for among the many: movements that are neither bets nor payouts,
            # requests that moved nothing, and large amounts.
            models.Index(
                fields=["kind", "channel", "-posted_at", "-id"],
                condition=~models.Q(kind__in=["bet", "payout"]),
                name="entry_of_rare_kind",
            ),
            models.Index(
                fields=["outcome", "channel", "-posted_at", "-id"],
                condition=~models.Q(outcome="applied"),
                name="entry_not_applied",
            ),
            models.Index(
                fields=["channel", "-posted_at", "-id"],
                include=["amount"],
                condition=models.Q(amount__gte=1000) | models.Q(amount__lte=-1000),
                name="entry_large",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}/{self.reference}"


class LedgerLeg(models.Model):
    """One side of an applied entry; the two legs of an entry sum to zero. A view, not a table."""

    leg_id = models.CharField(primary_key=True, max_length=32)
    entry = models.ForeignKey(LedgerEntry, models.DO_NOTHING, related_name="legs")
    channel = models.ForeignKey(Channel, models.DO_NOTHING, related_name="+")
    wallet = models.ForeignKey(Wallet, models.DO_NOTHING, null=True, related_name="+")
    house_account = models.ForeignKey(HouseAccount, models.DO_NOTHING, null=True, related_name="+")
    currency = models.CharField(max_length=8)
    amount = MoneyField()
    posted_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "wallet_ledgerleg"

    def __str__(self) -> str:
        return self.leg_id
