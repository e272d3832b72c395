"""One request and what becomes of it, gathered for the inbox while it is handled."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from callbacks.inbox import INBOX
from callbacks.members import MAX_INTEGER, NAME_LENGTH, SEQ_NO_LENGTH
from callbacks.models import ReceivedCallback
from callbacks.parsing import MAX_BYTES, Ambiguous, Malformed, Number, parse_object
from callbacks.redaction import redacted, unreadable
from callbacks.refusals import Refusal
from providers.ebet.statuses import Status
from wallet.db import fetch_row
from wallet.network import Address, caller_address

DEADLINE_SECONDS = 2.5
POSTING_SECONDS = 2.3  # as long as the posting functions may wait for a wallet's two locks
LEAST_SECONDS = 0.2
NOTE_LENGTH = 120
DRAINED_BYTES = 16 * MAX_BYTES

Answer = dict[str, Any]
Decision = ReceivedCallback.Decision
Case = ReceivedCallback.Case


@dataclass
class Exchange:
    """The request as far as it is known, and the decision as far as it is made."""

    event: str
    request: HttpRequest
    body: bytes = b""
    document: Mapping[str, Any] | None = None
    address: Address | None = None
    round_code: str = ""
    key_id: int | None = None
    entry_id: int | None = None
    decision: Decision = Decision.ANSWERED
    note: str = ""
    case: Case | None = None
    received_at: datetime = field(default_factory=timezone.now)
    started: float = field(default_factory=monotonic)

    def read(self) -> Mapping[str, Any]:
        """The message. Raises Refusal (4030, 4025) for what is no JSON object that we read."""
        self.address = caller_address(self.request)
        self.body = self._read_body()
        try:
            self.document = parse_object(self.body)
        except Ambiguous as error:
            raise Refusal(Status.BAD_PARAMETER, str(error)) from error
        except Malformed as error:
            raise Refusal(Status.BAD_DATA_TYPE, str(error)) from error
        return self.document

    def _read_body(self) -> bytes:
        environ = self.request.META
        stream = self.request
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            stream = environ["wsgi.input"]  # Django goes by Content-Length and would see nothing
        body: bytes = stream.read(MAX_BYTES + 1)
        if len(body) <= MAX_BYTES:
            return body
        # Hanging up on a caller who is still sending would keep our answer from reaching it.
        for _ in range(DRAINED_BYTES // MAX_BYTES):
            if not stream.read(MAX_BYTES):
                break
        raise Refusal(Status.BAD_DATA_TYPE, "body too large", http_status=413)

    def refuse(self, refusal: Refusal) -> None:
        self.decision, self.note = Decision.REFUSED, refusal.note
        self.case = refusal.case or self.case

    def text(self, name: str, limit: int) -> str:
        """A member as it may be echoed: "" unless it is a string that fits."""
        value = self.document.get(name) if self.document else None
        return value if isinstance(value, str) and len(value) <= limit else ""

    @property
    def seq_no(self) -> str:
        return self.text("seqNo", SEQ_NO_LENGTH)

    @property
    def username(self) -> str:
        return self.text("username", NAME_LENGTH)

    @property
    def channel_id(self) -> int | None:
        value = self.document.get("channelId") if self.document else None
        integral = value.integral if isinstance(value, Number) else None
        return int(integral) if integral and abs(int(integral)) <= MAX_INTEGER else None

    @property
    def elapsed(self) -> float:
        """Seconds since the request came in."""
        return monotonic() - self.started

    @contextmanager
    def in_time(self) -> Iterator[None]:
        """Post within what is left of the deadline, or not at all: the database gives up in time.

        A posting gives up by itself soon enough, unless the message is late already. Raises
        Refusal (4003) when nothing is left; once the work is done, however late, it is answered.
        """
        left = DEADLINE_SECONDS - self.elapsed
        if left > POSTING_SECONDS:
            yield
            return
        if left < LEAST_SECONDS:
            raise Refusal(Status.BUSY, "out of time")
        with transaction.atomic():
            timeout = f"{(left - LEAST_SECONDS / 2) * 1000:.0f}ms"
            fetch_row("SELECT set_config('statement_timeout', %s, true)", [timeout])
            yield

    def record(self, answer: Answer, *, http_status: int) -> None:
        """Put the exchange into the inbox."""
        quiet = self.case is None and self.decision not in (Decision.REFUSED, Decision.FAILED)
        INBOX.put(
            ReceivedCallback(
                event=self.event,
                channel_number=self.channel_id,
                seq_no=self.seq_no,
                username=self.username,
                round_code=self.round_code,
                request=unreadable(self.body) if self.document is None else redacted(self.document),
                answer=redacted(answer),
                status=int(answer["status"]),
                http_status=http_status,
                decision=self.decision,
                note=self.note[:NOTE_LENGTH],
                case=self.case or "",
                key_id=self.key_id,
                entry_id=self.entry_id,
                address=str(self.address) if self.address else None,
                received_at=self.received_at,
                microseconds=round(self.elapsed * 1_000_000),
            ),
            at_once=not quiet,
        )
