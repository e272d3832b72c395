"""The back-office: a file for each file of models."""

from wallet.admin import (
    adjustments,
    agents,
    audit,
    channels,
    exports,
    holds,
    ledger,
    logins,
    notes,
    players,
    proof,
    reconciliation,
    reports,
    signin,
    staff,
    wallets,
)

__all__ = [
    "adjustments",
    "agents",
    "audit",
    "channels",
    "exports",
    "holds",
    "ledger",
    "logins",
    "notes",
    "players",
    "proof",
    "reconciliation",
    "reports",
    "signin",
    "staff",
    "wallets",
]
