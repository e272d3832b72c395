"""A wallet as one would write it with the ORM: lock the row, save it, create the entry."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from django.db import models, transaction


class Purse(models.Model):
    balance = models.DecimalField(max_digits=20, decimal_places=4)
    version = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[Purse]] = models.Manager()

    class Meta:
        app_label = "conventional"

    def __str__(self) -> str:
        return f"purse {self.pk}"


class Movement(models.Model):
    purse = models.ForeignKey(Purse, models.PROTECT)
    sequence = models.BigIntegerField()
    reference = models.CharField(max_length=260, unique=True)
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    balance_after = models.DecimalField(max_digits=20, decimal_places=4)
    posted_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Movement]] = models.Manager()

    class Meta:
        app_label = "conventional"

    def __str__(self) -> str:
        return f"movement {self.pk}"


def move(purse_id: int, amount: Decimal, reference: str) -> bool:
    """Whether the purse had the money; a repeated reference moves nothing."""
    with transaction.atomic():
        purse = Purse.objects.select_for_update().get(pk=purse_id)
        if Movement.objects.filter(reference=reference).exists():
            return True
        if purse.balance + amount < 0:
            return False
        purse.balance += amount
        purse.version += 1
        purse.save()
        Movement.objects.create(
            purse=purse,
            sequence=purse.version,
            reference=reference,
            amount=amount,
            balance_after=purse.balance,
        )
    return True
