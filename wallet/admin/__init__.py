"""The back-office: a file for each file of models."""

from wallet.admin import (
    adjustments,
    agents,
    channels,
    ledger,
    logins,
    players,
    proof,
    staff,
    wallets,
)

__all__ = [
    "adjustments",
    "agents",
    "channels",
    "ledger",
    "logins",
    "players",
    "proof",
    "staff",
    "wallets",
]
