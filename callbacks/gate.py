"""One wallet that is stuck must not take all threads of the server from the others.

Whoever waits for a wallet's lock waits in the database, and keeps a thread meanwhile. So only some
threads of a process may be at one wallet, and nobody joins them once the first of them has been
there for long: eBET is told that we are busy, at once, and sends its message again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

from wallet import ledger

MOST_THREADS: Final = 4
"""Half of those that a process of the web server has."""

PATIENCE: Final = 0.5
"""Seconds; a posting that is not waiting for anything takes a few milliseconds."""

_changed = threading.Condition()
_inside: dict[int, list[float]] = {}  # wallet → when each thread came, oldest first


@contextmanager
def at_wallet(wallet_id: int) -> Iterator[None]:
    """Work at a wallet when it is this thread's turn. Raises ledger.Busy."""
    came = monotonic()
    with _changed:
        while _is_full(wallet_id):
            left = came + PATIENCE - monotonic()
            if left <= 0 or not _changed.wait(left):
                raise ledger.Busy("Too many messages wait for this wallet.")
        entered = monotonic()
        _inside.setdefault(wallet_id, []).append(entered)
    try:
        yield
    finally:
        with _changed:
            _inside[wallet_id].remove(entered)
            if not _inside[wallet_id]:
                del _inside[wallet_id]
            _changed.notify_all()


def _is_full(wallet_id: int) -> bool:
    """Raises ledger.Busy when the first of those inside has been waiting too long to join it."""
    inside = _inside.get(wallet_id)
    if not inside:
        return False
    if monotonic() - inside[0] > PATIENCE:
        raise ledger.Busy("The wallet is stuck.")
    return len(inside) >= MOST_THREADS
