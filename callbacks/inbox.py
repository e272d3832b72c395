"""Writing the inbox without making the answer wait.

Rows of messages that were answered as they should be go through a queue to one thread per process,
which inserts them in batches. A row that a person may ask for (a refusal, a failure, a case) is
written before its answer is given. So a process killed outright loses at most the rows of the last
moment's successful messages; the movements among those are in the ledger all the same.
"""

import logging
import threading
import time
from queue import Empty, Full, Queue
from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, connection

from callbacks.models import ReceivedCallback

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 20_000
MAX_BATCH: Final = 500
GATHER_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 0.5


class Inbox:
    """The queue and its thread, which starts with the first row that needs it."""

    def __init__(self) -> None:
        self._waiting: Queue[ReceivedCallback] = Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def put(self, row: ReceivedCallback, *, at_once: bool) -> None:
        """Keep the row: before this returns when `at_once`, else within moments.

        Never raises: an inbox that cannot be written must not turn an answer into an error. Rows
        that the database does not take now wait in the queue; the log has the last word.
        """
        if at_once and not _insert([row]):
            return
        try:
            self._waiting.put_nowait(row)
        except Full:
            for lost in _insert([row]):
                _log_lost(lost)
            return
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                # No daemon: the interpreter waits for it when the process ends in order.
                self._thread = threading.Thread(target=self._run, name="inbox", daemon=False)
                self._thread.start()

    def _run(self) -> None:
        rows: list[ReceivedCallback] = []
        while rows or not self._waiting.empty() or threading.main_thread().is_alive():
            rows = _insert(rows or self._batch())
            if rows and threading.main_thread().is_alive():
                time.sleep(RETRY_SECONDS)
            elif rows:
                for row in rows:
                    _log_lost(row)
                rows = []
        connection.close()

    def _batch(self) -> list[ReceivedCallback]:
        try:
            rows = [self._waiting.get(timeout=RETRY_SECONDS)]
        except Empty:
            return []
        time.sleep(GATHER_SECONDS)
        while len(rows) < MAX_BATCH:
            try:
                rows.append(self._waiting.get_nowait())
            except Empty:
                break
        return rows


def _insert(rows: list[ReceivedCallback]) -> list[ReceivedCallback]:
    """Write the rows; those that must wait until the database takes them."""
    if not rows:
        return []
    try:
        if len(rows) == 1:
            rows[0].save(force_insert=True)
        else:
            ReceivedCallback.objects.bulk_create(rows)
    except (DataError, IntegrityError):
        # One of them can never be written, and must not keep the others back.
        if len(rows) > 1:
            return [waiting for row in rows for waiting in _insert([row])]
        logger.exception("A row does not fit into the inbox")
        _log_lost(rows[0])
    except DatabaseError:
        logger.exception("The inbox cannot be written; %d rows wait", len(rows))
        connection.close_if_unusable_or_obsolete()
        return rows
    return []


def _log_lost(row: ReceivedCallback) -> None:
    logger.error(
        "Not in the inbox: %s channel=%s seqNo=%s status=%s request=%s",
        row.event,
        row.channel_number,
        row.seq_no,
        row.status,
        row.request,
    )


INBOX = Inbox()
