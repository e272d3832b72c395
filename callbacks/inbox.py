"""Writing the inbox without making the answer wait.

Rows of messages that were answered as they should be go through a queue to one thread per process,
which inserts them in batches. A row that a person may ask for (a refusal, a failure, a case) is
written before its answer is given. So a process killed outright loses at most the rows of the last
moment's successful messages; the movements among those are in the ledger all the same.
"""

import atexit
import logging
import threading
from queue import Empty, Full, Queue
from typing import Final

from django.db import DatabaseError, DataError, IntegrityError, connection

from callbacks.models import ReceivedCallback

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 20_000
MAX_BATCH: Final = 500
GATHER_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 0.5
FLUSH_SECONDS: Final = 5.0


class Inbox:
    """The queue and its thread, which starts with the first row that needs it."""

    def __init__(self) -> None:
        self._waiting: Queue[ReceivedCallback | None] = Queue(MAX_WAITING)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closing = threading.Event()

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

    def flush(self) -> None:
        """Write what is waiting and end the thread; called when the process ends."""
        self._closing.set()
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(FLUSH_SECONDS)

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
                self._thread.start()
                atexit.register(self.flush)

    def _run(self) -> None:
        while not (self._closing.is_set() and self._waiting.empty()):
            rows = _insert(self._batch())
            while rows:
                if self._closing.wait(RETRY_SECONDS):
                    for row in rows:
                        _log_lost(row)
                    break
                rows = _insert(rows)
        connection.close()

    def _batch(self) -> list[ReceivedCallback]:
        rows = [self._waiting.get()]
        self._closing.wait(GATHER_SECONDS)
        while len(rows) < MAX_BATCH:
            try:
                rows.append(self._waiting.get_nowait())
            except Empty:
                break
        return [row for row in rows if row is not None]


def _insert(rows: list[ReceivedCallback]) -> list[ReceivedCallback]:
    """Write the rows; those that must wait until the database takes them."""
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
