"""What moved, hour by hour: kept beside the ledger so that nobody adds it up again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from wallet.fields import MoneyField
from wallet.models.agents import Agent
from wallet.models.channels import Channel, SubChannel
from wallet.models.ledger import EntryKind
from wallet.models.players import Player


class _HourlyRow(models.Model):
    """What the rows of an hour (UTC, by the time of play) are told apart by.

    Sub-channel and agent are those that the player had when the hour was added up; ``game`` is
    eBET's tableType, of the reversed entry where there is one.
    """

    channel = models.ForeignKey(
        Channel,
        models.PROTECT,
        related_name="+",
        verbose_name=_("channel"),
        db_constraint=False,
        db_index=False,
    )
    sub_channel = models.ForeignKey(
        SubChannel,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("sub-channel"),
        db_constraint=False,
        db_index=False,
    )
    agent = models.ForeignKey(
        Agent,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("agent"),
        db_constraint=False,
        db_index=False,
    )
    game = models.IntegerField(_("game"), null=True)
    currency = models.CharField(_("currency"), max_length=8)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        abstract = True


class _Moved(models.Model):
    """Entries of one kind. ``reversed_kind`` is the kind of what they reverse, or empty."""

    kind = models.CharField(_("kind"), max_length=12, choices=EntryKind)
    reversed_kind = models.CharField(_("kind that was reversed"), max_length=12, blank=True)
    entries = models.BigIntegerField(_("entries"))
    amount = MoneyField(_("amount"), max_digits=30)
    # Where in the ledger the entries stand; they may have been posted long after they occurred.
    first_posted_at = models.DateTimeField()
    last_posted_at = models.DateTimeField()

    class Meta:
        abstract = True


class HourlyTotal(_HourlyRow, _Moved):
    """The applied entries of one kind that occurred within one hour."""

    class Meta:
        verbose_name = _("hourly total")
        verbose_name_plural = _("hourly totals")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "channel",
                    "hour",
                    "currency",
                    "kind",
                    "reversed_kind",
                    "game",
                    "sub_channel",
                    "agent",
                ],
                nulls_distinct=False,
                name="hourly_total_once",
            )
        ]

    def __str__(self) -> str:
        return f"hourly total {self.pk}"


class ActivePlayer(_HourlyRow):
    """A player who staked something within the hour. Distinct players cannot be added up."""

    player = models.ForeignKey(
        Player,
        models.PROTECT,
        related_name="+",
        verbose_name=_("player"),
        db_constraint=False,
        db_index=False,
    )

    class Meta:
        verbose_name = _("active player")
        verbose_name_plural = _("active players")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "hour", "player", "currency", "game", "sub_channel", "agent"],
                nulls_distinct=False,
                name="active_player_once",
            )
        ]

    def __str__(self) -> str:
        return f"active player {self.pk}"


class ReportLine(_HourlyRow, _Moved):
    """Hourly totals and active players in one, for grouping by any of their columns. A view.

    A line is either a total, without a player, or a player, without a kind.
    """

    player = models.ForeignKey(Player, models.DO_NOTHING, null=True, related_name="+")

    class Meta:
        managed = False
        verbose_name = _("report")
        verbose_name_plural = _("reports")

    def __str__(self) -> str:
        return f"report line {self.pk}"


class TotalsMark(models.Model):
    """How far the hourly totals have come: every transaction below it is in them. One row."""

    until_xact = models.BigIntegerField(default=0)
    rolled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="totals_mark_one")]

    def __str__(self) -> str:
        return f"totals until transaction {self.until_xact}"
