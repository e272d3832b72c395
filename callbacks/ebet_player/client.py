"""Signed messages over HTTP, as eBET sends them.

The formulas are written down here once more: a player that borrowed them from the receiving side
would not notice a mistake in them.
"""

import http.client
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from queue import Empty, LifoQueue
from typing import Any, Final
from urllib.parse import urlsplit

from callbacks.parsing import Malformed, Number, parse_object, write_json
from providers.ebet.signing import sign

TIMEOUT: Final = 10.0
RESENDS: Final = 3
BUSY: Final = (500, 4003)
PASSWORD_LOGINS: Final = ("1", "3")

Message = dict[str, Any]

_FORMULAS: Final[Mapping[str, tuple[str, ...]]] = {
    "callback": ("username", "channelId", "accessToken", "timestamp"),
    "increaseCredit": ("seqNo", "event", "channelId", "timestamp", "username", "money"),
    "queryIncreaseCreditRecord": ("username", "timestamp"),
    "refundSingleWallet": ("username", "timestamp"),
    "autoBatchRefund": ("timestamp",),
}
_LOGIN: Final = ("seqNo", "event", "channelId", "timestamp", "username")


class NoAnswer(Exception):
    """The server gave none, or nothing that is one JSON object with a status."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    http_status: int
    members: Mapping[str, Any]

    @property
    def status(self) -> int:
        return self.integer("status")

    def integer(self, name: str) -> int:
        """Raises NoAnswer unless the member is a whole number."""
        value = self.members.get(name)
        if not isinstance(value, Number) or value.integral is None:
            raise NoAnswer(f"{name} is no whole number: {value!r}")
        return int(value.integral)

    def money(self, name: str) -> Decimal:
        """Raises NoAnswer unless the member is a number with at most two decimals."""
        value = self.members.get(name)
        amount = value.plain if isinstance(value, Number) else None
        if not isinstance(value, Number) or amount is None or value.decimals > 2:
            raise NoAnswer(f"{name} is no amount: {value!r}")
        return amount

    def text(self, name: str) -> str:
        """Raises NoAnswer unless the member is a string."""
        value = self.members.get(name)
        if not isinstance(value, str):
            raise NoAnswer(f"{name} is no string: {value!r}")
        return value


def number(value: int | Decimal) -> Number:
    """A JSON number as eBET writes it: the shortest decimal, -80 or 2.4."""
    token = format(value, "f")
    return Number(token.rstrip("0").rstrip(".") if "." in token else token)


def new_seq_no(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex}"


class EbetClient:
    """One channel's messages, over connections that its threads share. Close it at the end."""

    def __init__(self, *, base_url: str, channel_id: int, private_pem: str) -> None:
        parts = urlsplit(base_url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._prefix = parts.path.rstrip("/")
        self._channel_id = channel_id
        self._private_pem = private_pem
        self._idle: LifoQueue[http.client.HTTPConnection] = LifoQueue()

    def message(self, event: str, *, seconds: bool = False, **members: Any) -> Message:
        """A message of this channel and this moment, signed where its event is."""
        now = time.time_ns() // (1_000_000_000 if seconds else 1_000_000)
        message = {"channelId": number(self._channel_id), "timestamp": number(now), **members}
        if event != "callback":
            message["event"] = event
        return self.signed(event, message)

    def signed(self, event: str, message: Message) -> Message:
        """The message with a fresh signature."""
        names = _FORMULAS.get(event)
        if event == "registerOrLogin":
            by_password = message["eventType"].token in PASSWORD_LOGINS
            names = (*_LOGIN, "password" if by_password else "accessToken")
        if names is None:
            return message
        tokens = (message.get(name, "") for name in names)
        text = "".join(each.token if isinstance(each, Number) else each for each in tokens)
        return {**message, "signature": sign(self._private_pem, text)}

    def send(self, event: str, message: Message) -> Answer:
        """Send, and once more up to three times while the answer is "busy" or none comes.

        Raises NoAnswer.
        """
        for attempt in range(RESENDS + 1):
            try:
                answer = self._exchange(event, message)
            except (OSError, http.client.HTTPException) as error:
                if attempt == RESENDS:
                    raise NoAnswer(str(error)) from error
            else:
                if answer.status not in BUSY or attempt == RESENDS:
                    return answer
            time.sleep(0.05 * (attempt + 1))
        raise NoAnswer("unreachable")

    def send_and_hang_up(self, event: str, message: Message) -> None:
        """Send, and leave before the answer comes."""
        connection = self._connection()
        connection.request("POST", f"{self._prefix}/{event}", write_json(message).encode())
        connection.close()

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait().close()

    def _exchange(self, event: str, message: Message) -> Answer:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = self._connection()
        try:
            connection.request(
                "POST",
                f"{self._prefix}/{event}",
                write_json(message).encode(),
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        self._idle.put_nowait(connection)
        try:
            return Answer(response.status, parse_object(body))
        except Malformed as error:
            raise NoAnswer(f"HTTP {response.status} without a JSON object: {error}") from error

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
