"""Money on the wire: a JSON number with two decimals, exact to the cent."""

from decimal import ROUND_FLOOR, Decimal

from callbacks.parsing import Number

_CENT = Decimal("0.01")

NOTHING = Number("0.00")
"""What a refusal answers where the real balance is nobody's business."""


def write_money(amount: Decimal) -> Number:
    """An amount as its JSON token: 1000.01, 0.00, -60.00.

    Wallets keep four decimals, the wire two: fractions of a cent are cut off downwards, so that
    nobody is ever told of money that cannot be spent.
    """
    return Number(format(amount.quantize(_CENT, ROUND_FLOOR), "f"))
