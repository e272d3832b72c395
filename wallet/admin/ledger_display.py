"""How a ledger entry looks, wherever it is listed."""

from __future__ import annotations

from decimal import Decimal

from django.utils.safestring import SafeString

from wallet.admin.display import label, money
from wallet.models import EntryKind, LedgerEntry

_KIND_TONES = {
    EntryKind.BET: "default",
    EntryKind.HOLD: "default",
    EntryKind.PAYOUT: "success",
    EntryKind.BONUS: "success",
    EntryKind.PRIZE: "success",
    EntryKind.REFUND: "info",
    EntryKind.RELEASE: "info",
    EntryKind.REVERSAL: "warning",
    EntryKind.CLAWBACK: "warning",
    EntryKind.ADJUSTMENT: "warning",
}
_OUTCOME_TONES = {"applied": "success", "refused": "danger", "tombstone": "warning"}


def kind_cell(entry: LedgerEntry) -> SafeString:
    return label(entry.get_kind_display(), _KIND_TONES.get(EntryKind(entry.kind), "default"))


def outcome_cell(entry: LedgerEntry) -> SafeString:
    text = entry.get_outcome_display()
    if entry.code:
        text = f"{text}: {entry.get_code_display()}"
    return label(text, _OUTCOME_TONES.get(entry.outcome, "default"))


def amount_cell(entry: LedgerEntry) -> SafeString | str:
    """What moved; for a refusal what had been asked for, struck through."""
    if entry.outcome == LedgerEntry.Outcome.APPLIED:
        return money(entry.amount, signed=True)
    return struck(entry.requested)


def struck(requested: Decimal) -> SafeString:
    """What was asked for and did not move."""
    return SafeString(f"<s>{money(requested, signed=True)}</s>")
