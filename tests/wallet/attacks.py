"""What an attacker writes, and the refusal that comes back."""

from collections.abc import Callable
from typing import Any

import psycopg

from tests.wallet.money import Purse

Attack = Callable[[str], psycopg.Error]

ENTRY = """
    INSERT INTO wallet_ledgerentry (channel_id, player_id, wallet_id, house_account_id, kind,
        outcome, code, requested, amount, currency, balance_after, sequence, source, reference,
        round_code, reason, reverses_id, occurred_at)
    SELECT {channel}, {player}, wallet_id, {house}, {kind}, 'applied', '', {amount}, {amount},
        {currency}, balance_after + {amount} + {skew}, sequence + {step}, 'attack', {reference}, '',
        '', {reverses}, now()
      FROM wallet_ledgerentry WHERE wallet_id = {wallet} ORDER BY sequence DESC LIMIT 1
"""


def entry(purse: Purse, **parts: str) -> str:
    defaults = {
        "channel": "channel_id",
        "player": "player_id",
        "house": "house_account_id",
        "kind": "'deposit'",
        "amount": "1",
        "currency": "currency",
        "skew": "0",
        "step": "1",
        "reference": "gen_random_uuid()::text",
        "reverses": "NULL",
    }
    return ENTRY.format(wallet=purse.wallet.pk, **{**defaults, **parts})


class Tampered:
    """Commits a change, and its undoing afterwards."""

    def __init__(self, connection: psycopg.Connection[Any], change: str, undo: str) -> None:
        self.connection, self.change, self.undo = connection, change, undo

    def __enter__(self) -> None:
        self.connection.execute(self.change)
        self.connection.commit()

    def __exit__(self, *exception: object) -> None:
        self.connection.execute(self.undo)
        self.connection.commit()
