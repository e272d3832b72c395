"""Amounts on the wire of transfer-wallet providers: exact, plain, bounded."""

from decimal import Decimal, InvalidOperation
from typing import Final

from providers.errors import OutcomeUnknown, Refused

DECIMALS: Final = 4
_LARGEST: Final = Decimal(10) ** 15


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
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise OutcomeUnknown(code, "unreadable amount") from error
    if not amount.is_finite():
        raise OutcomeUnknown(code, "unreadable amount")
    return amount
