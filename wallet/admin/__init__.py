"""The back-office: a file for each file of models."""

from wallet.admin import (
    adjustments,
    agents,
    audit,
    channels,
    exports,
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
    "audit",
    "channels",
    "exports",
    "ledger",
    "logins",
    "players",
    "proof",
    "staff",
    "wallets",
]
