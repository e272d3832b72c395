"""The back-office: a file for each file of models."""

from wallet.admin import agents, channels, ledger, players, proof, staff, wallets

__all__ = ["agents", "channels", "ledger", "players", "proof", "staff", "wallets"]
