from wallet.models.adjustments import Adjustment, AdjustmentDecision, ApprovalLimit
from wallet.models.agents import Agent
from wallet.models.channels import Channel, ChannelKey, SubChannel
from wallet.models.ledger import (
    EntryKind,
    EntryRule,
    FailedStake,
    Hold,
    HoldReturn,
    LedgerEntry,
    LedgerLeg,
)
from wallet.models.players import AccessToken, LoginEvent, Player, PlayerSession
from wallet.models.proof import Seal, Verification
from wallet.models.staff import StaffScope
from wallet.models.wallets import MAIN_TYPE_ID, HouseAccount, Wallet, WalletType

__all__ = [
    "MAIN_TYPE_ID",
    "AccessToken",
    "Adjustment",
    "AdjustmentDecision",
    "Agent",
    "ApprovalLimit",
    "Channel",
    "ChannelKey",
    "EntryKind",
    "EntryRule",
    "FailedStake",
    "Hold",
    "HoldReturn",
    "HouseAccount",
    "LedgerEntry",
    "LedgerLeg",
    "LoginEvent",
    "Player",
    "PlayerSession",
    "Seal",
    "StaffScope",
    "SubChannel",
    "Verification",
    "Wallet",
    "WalletType",
]
