"""Sealing closed blocks of the ledger, away from the posting path."""

from __future__ import annotations

from wallet.db import fetch_row

BLOCK = 10_000


def seal() -> int:
    """Seal every entry of a finished transaction, in blocks of some 10,000; how many entries.

    Run it every minute, so that no entry stays unsealed for longer.
    """
    total = 0
    while row := fetch_row("SELECT ledger_seal(%s)", [BLOCK]):
        if not row[0]:
            break
        total += row[0]
    return total
