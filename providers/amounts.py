"""Amounts on the wire of transfer-wallet providers: exact, plain, bounded."""

import re
from decimal import Decimal
from typing import Final

from providers.errors import OutcomeUnknown, Refused

DECIMALS: Final = 4
_LARGEST: Final = Decimal(10) ** 15
_AMOUNT: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?", re.ASCII)


def amount_text(amount: Decimal, *, zero_allowed: bool = False) -> str:
    """`amount` as plain digits, never an exponent: 1.2345, 100.

    Raises Refused unless it is finite, below 10^15, positive (or zero on request)
    and has at most four decimals.
    """
    if not amount.is_finite() or amount >= _LARGEST:
        raise Refused("bad_amount", f"{amount} is no amount")
    if amount < 0 or (amount == 0 and not zero_allowed):
        raise Refused("bad_amount", f"{amount} is not positive")
    if amount != amount.quantize(Decimal(1).scaleb(-DECIMALS)):
        raise Refused("bad_amount", f"{amount} has more than {DECIMALS} decimals")
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def parse_amount(text: str, *, code: str) -> Decimal:
    """A provider's amount as Decimal. Raises OutcomeUnknown: the answer is not to be trusted."""
    if not _AMOUNT.fullmatch(text):
        raise OutcomeUnknown(code, "unreadable amount")
    return checked_amount(Decimal(text), code=code)


def checked_amount(amount: Decimal, *, code: str) -> Decimal:
    """`amount` if it can be one. Raises OutcomeUnknown."""
    if not is_plausible(amount):
        raise OutcomeUnknown(code, "unreadable amount")
    return amount


def is_plausible(amount: Decimal) -> bool:
    """Whether a provider's amount is a number that we can keep."""
    return amount.is_finite() and abs(amount) < _LARGEST
