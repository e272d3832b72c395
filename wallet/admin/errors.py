"""What staff read when the domain refuses: a sentence, never a stack trace."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wallet import ledger
from wallet.adjustments import AdjustmentError
from wallet.players import PlayerError
from wallet.rotation import KeyRefused

DOMAIN_ERRORS: tuple[type[Exception], ...] = (
    AdjustmentError,
    KeyRefused,
    PlayerError,
    ledger.LedgerError,
)

_SENTENCES: dict[type[Exception], Promise] = {
    ledger.Busy: _("The wallet is busy; nothing was written. Try again in a moment."),
    ledger.UnknownWallet: _("There is no such wallet."),
    ledger.RuleBroken: _("The ledger does not allow this movement: check the kind and the sign."),
    ledger.BelowFloor: _("The wallet would fall below zero."),
}

# What the ledger answers instead of moving money.
_CODES: dict[str, Promise] = {
    "insufficient_funds": _("There is not enough money in the wallet."),
    "player_inactive": _("The player is locked or closed."),
    "conflict": _("This request was already made with other content."),
}


def explain(error: Exception) -> str:
    """The sentence for an error of the domain, in the reader's language."""
    for kind, sentence in _SENTENCES.items():
        if isinstance(error, kind):
            return str(sentence)
    return str(error)


def explain_code(code: str) -> str:
    """The sentence for a refusal that the ledger answered."""
    return str(_CODES.get(code, code))
