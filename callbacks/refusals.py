"""Why a message is not done: raised anywhere below a view, answered by it."""

from collections.abc import Mapping
from typing import Any

from callbacks.models import ReceivedCallback
from providers.ebet.statuses import Status

Case = ReceivedCallback.Case


class Refusal(Exception):
    """The message gets `status` instead of 200, and nothing moves.

    `note` is what the inbox says about it, `case` marks what a person must look at, `members` are
    what the answer tells besides its empty shape (the balance, where it may be told).
    """

    def __init__(
        self,
        status: Status,
        note: str,
        *,
        case: Case | None = None,
        members: Mapping[str, Any] | None = None,
        http_status: int = 200,
    ) -> None:
        super().__init__(f"{status:d} {note}")
        self.status = status
        self.note = note
        self.case = case
        self.members = members or {}
        self.http_status = http_status
