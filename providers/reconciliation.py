"""Comparing a day with a provider: fetch its book, lay ours beside it, write down what differs."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from providers import transfer_books
from providers.ebet import history
from providers.ebet.desk import NoAccess, client_of
from providers.errors import ProviderError
from wallet.models import Reconciliation
from wallet.reconciliation import runs
from wallet.reconciliation.ebet_book import ours_of
from wallet.reconciliation.matching import Record, compare
from wallet.secrets import SecretUnreadable

CLOCKS_DIFFER: Final = timedelta(minutes=10)
"""How far beyond the period eBET's book is read: a message may have reached us in the next one."""


class NotConfigured(Exception):
    """The channel lacks what a call to the provider needs."""


def run_waiting() -> int:
    """Carry out every reconciliation that waits, one after the other; how many there were."""
    count = 0
    while claimed := runs.claim():
        carry_out(claimed)
        count += 1
    return count


def carry_out(claimed: Reconciliation) -> Reconciliation:
    """Compare, and write down what differs; it must be the caller's.

    What goes wrong is written down too: a failed one says nothing about its day.
    """
    try:
        match claimed.provider:
            case Reconciliation.Provider.EBET:
                return _ebet(claimed)
            case Reconciliation.Provider.HRG:
                books = transfer_books.hrg_books(
                    claimed.channel, since=claimed.since, until=claimed.until
                )
            case _:
                books = transfer_books.beiying_books(
                    claimed.channel, since=claimed.since, until=claimed.until
                )
    except ProviderError as error:
        reason = _("The provider did not answer as it should: %(reason)s") % {"reason": error}
    except (history.BadFile, NotConfigured) as error:
        reason = str(error)
    except OSError as error:
        reason = _("The file cannot be read: %(reason)s.") % {"reason": error.strerror}
    except SecretUnreadable:
        reason = _("The channel's secret cannot be read with the keys of this installation.")
    else:
        return _finish(claimed, *books)
    return runs.fail(claimed, reason=reason)


def _ebet(claimed: Reconciliation) -> Reconciliation:
    since, until = claimed.since, claimed.until
    theirs, of_theirs, refunds = history.as_records(_messages(claimed), since=since, until=until)
    ours, of_ours = ours_of(
        channel=claimed.channel, since=since, until=until, seq_nos=theirs.keys()
    )
    # A refund message may have found nothing to give back, so its absence here says nothing.
    theirs |= {key: ours[key] for key in refunds & ours.keys() - theirs.keys()}
    findings = compare(ours=ours, theirs=theirs, of_ours=of_ours, of_theirs=of_theirs)
    return runs.finish(claimed, findings=findings, ours=len(of_ours), theirs=len(of_theirs))


def _finish(
    claimed: Reconciliation,
    ours: dict[str, Record],
    of_ours: set[str],
    theirs: dict[str, Record],
) -> Reconciliation:
    findings = compare(ours=ours, theirs=theirs, of_ours=of_ours, of_theirs=theirs.keys())
    return runs.finish(claimed, findings=findings, ours=len(of_ours), theirs=len(theirs))


def _messages(claimed: Reconciliation) -> Iterable[history.Message]:
    if claimed.file:
        with Path(claimed.file.path).open("rb") as file:
            return list(history.read_csv(file))
    try:
        client = client_of(claimed.channel)
    except NoAccess as error:
        raise NotConfigured(
            _("The channel has no eBET API address or no active key: supply a file instead.")
        ) from error
    return history.fetch(
        client, since=claimed.since - CLOCKS_DIFFER, until=claimed.until + CLOCKS_DIFFER
    )
