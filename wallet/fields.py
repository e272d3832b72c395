"""Column types shared by the models."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _DecimalField = models.DecimalField[Decimal | int | str, Decimal]
else:
    _DecimalField = models.DecimalField

MONEY_DIGITS = 20
MONEY_PLACES = 4


class MoneyField(_DecimalField):
    """An amount in the row's currency, numeric(20,4), never a float."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", MONEY_DIGITS)
        kwargs.setdefault("decimal_places", MONEY_PLACES)
        super().__init__(*args, **kwargs)
