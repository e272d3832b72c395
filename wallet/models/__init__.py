from wallet.models.adjustments import Adjustment, AdjustmentDecision, ApprovalLimit
from wallet.models.agents import Agent
from wallet.models.audit import AuditEvent
from wallet.models.channels import Channel, ChannelKey, SubChannel
from wallet.models.exports import Export
from wallet.models.holds import FailedStake, Hold, HoldReturn
from wallet.models.ledger import EntryKind, EntryRule, LedgerEntry, LedgerLeg
from wallet.models.notes import Note
from wallet.models.players import AccessToken, LoginEvent, Player, PlayerSession
from wallet.models.proof import Seal, Verification
from wallet.models.reconciliation import Reconciliation, ReconciliationItem
from wallet.models.rounds import Round, RoundState
from wallet.models.saved_filters import SavedFilter
from wallet.models.schedules import ExportSchedule
from wallet.models.signin import SecondFactor, StaffLogin, StaffNetwork, StaffSession
from wallet.models.staff import StaffScope
from wallet.models.totals import ActivePlayer, HourlyTotal, ReportLine, TotalsMark
from wallet.models.wallets import MAIN_TYPE_ID, HouseAccount, Wallet, WalletType

__all__ = [
    "MAIN_TYPE_ID",
    "AccessToken",
    "ActivePlayer",
    "Adjustment",
    "AdjustmentDecision",
    "Agent",
    "ApprovalLimit",
    "AuditEvent",
    "Channel",
    "ChannelKey",
    "EntryKind",
    "EntryRule",
    "Export",
    "ExportSchedule",
    "FailedStake",
    "Hold",
    "HoldReturn",
    "HourlyTotal",
    "HouseAccount",
    "LedgerEntry",
    "LedgerLeg",
    "LoginEvent",
    "Note",
    "Player",
    "PlayerSession",
    "Reconciliation",
    "ReconciliationItem",
    "ReportLine",
    "Round",
    "RoundState",
    "SavedFilter",
    "Seal",
    "SecondFactor",
    "StaffLogin",
    "StaffNetwork",
    "StaffScope",
    "StaffSession",
    "SubChannel",
    "TotalsMark",
    "Verification",
    "Wallet",
    "WalletType",
]
