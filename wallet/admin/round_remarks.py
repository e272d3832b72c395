"""What a round's page says about each entry, beyond its amount."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wallet.admin.display import format_money
from wallet.models import EntryKind, FailedStake, Hold, HoldReturn, LedgerEntry
from wallet.rounds import ToldRound

_LATE = (EntryKind.CORRECTION, EntryKind.BONUS, EntryKind.PRIZE, EntryKind.CLAWBACK)


class Remarks:
    """Reads what the sentences need once for the whole round."""

    def __init__(self, told: ToldRound) -> None:
        self.told = told
        numbers = [entry.pk for entry in told.entries]
        self.entries = {entry.pk: entry for entry in told.entries}
        self.holds = Hold.objects.in_bulk(numbers)
        self.failures = FailedStake.objects.select_related("reported_by").in_bulk(numbers)
        self.returns: dict[int, list[HoldReturn]] = {}
        for row in HoldReturn.objects.filter(entry__in=numbers).select_related("hold__entry"):
            self.returns.setdefault(row.entry_id, []).append(row)

    def of(self, entry: LedgerEntry) -> Iterator[str]:
        if entry.outcome == LedgerEntry.Outcome.TOMBSTONE:
            yield _(
                "A refund came for a bet that is not here. Should the bet still come, it is"
                " refused (209)."
            )
            return
        if entry.outcome != LedgerEntry.Outcome.APPLIED:
            return
        yield from self._of_bet(entry)
        yield from self._of_taking_back(entry)
        yield from self._of_hold(entry)
        if entry.kind == EntryKind.PAYOUT and entry.amount == 0:
            yield _("Nothing was won.")
        if entry.kind in _LATE and any(one.pk < entry.pk for one in self.told.payouts):
            yield _("Came after the payout.")
        if entry.actor:
            yield _("By %(staff)s: %(reason)s") % {"staff": entry.actor, "reason": entry.reason}
        if entry.balance_after < 0:
            yield _("The wallet is below zero.")

    def _of_bet(self, entry: LedgerEntry) -> Iterator[str]:
        failure = self.failures.get(entry.pk)
        back = self.told.taken_back.get(entry.pk)
        if failure:
            yield _("Payout %(payout)s says that this bet failed at eBET.") % {
                "payout": failure.reported_by.reference
            }
            if not back:
                yield _("Its refund is awaited.")
        if back:
            yield _("Was given back: see %(entry)s.") % {"entry": back.reference}

    def _of_taking_back(self, entry: LedgerEntry) -> Iterator[str]:
        target: Any = self.entries.get(entry.reverses_id or 0)
        if target is None:
            return
        named = {"target": target.reference, "by": entry.reference, "reason": entry.reason}
        message = entry.reference.removesuffix(f"/{target.reference}")
        failure = self.failures.get(target.pk)
        if entry.source != "ebet:refund":
            yield _("Takes back %(target)s: %(reason)s") % named
        elif failure and failure.reported_by.reference == message:
            yield _("We refunded %(target)s by ourselves: payout %(message)s called it failed.") % {
                **named,
                "message": message,
            }
        else:
            yield _("eBET asked for %(target)s back in message %(message)s.") % {
                **named,
                "message": message,
            }

    def _of_hold(self, entry: LedgerEntry) -> Iterator[str]:
        hold = self.holds.get(entry.pk)
        if hold and hold.remaining > Decimal(0):
            yield _("%(amount)s of it is still withheld.") % {
                "amount": format_money(hold.remaining)
            }
        for row in self.returns.get(entry.pk, []):
            yield _("Returns %(amount)s of hold %(hold)s.") % {
                "amount": format_money(row.amount),
                "hold": row.hold.entry.reference,
            }
