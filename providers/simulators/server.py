"""The HTTP half that every simulator shares: serving, recording, faults, control.

Control, over HTTP as well, so that a test or a person can steer a running one:
POST /_control/faults {"kind", "path", "times", "value"} · POST /_control/rules {…}
POST /_control/reset · GET /_control/book · GET /_control/requests
"""

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, cast

import msgspec

from providers.simulators.book import Book
from providers.simulators.faults import BEFORE, Fault, FaultPlan

JSON: Final = "application/json"
_HUGE: Final = 2_000_000
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request as it arrived; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back; no content type, no header."""

    body: bytes
    status: int = 200
    content_type: str | None = JSON


def json_reply(body: object, *, status: int = 200, content_type: str | None = JSON) -> Reply:
    """`body` as JSON; a Decimal becomes a number, digit for digit."""
    return Reply(_encoder.encode(body), status, content_type)


class Simulator:
    """One service. Subclasses know its paths, rules and error bodies."""

    name = ""
    default_port = 0

    def __init__(self, *, book: Book | None = None) -> None:
        self.book = book or Book()
        self.faults = FaultPlan()
        self.requests: deque[Request] = deque(maxlen=10_000)
        self.rules: dict[str, Any] = {}

    def answer(self, request: Request) -> Reply:
        """Carry out one request by the service's rules."""
        raise NotImplementedError

    def refusal(self, code: str) -> Reply:
        """How this service words a refusal with one of its own codes."""
        raise NotImplementedError

    def control(self, path: str, body: bytes) -> Reply:
        """Serve a control path; what makes no sense is answered with HTTP 400 and the reason."""
        try:
            return self._control(path.removeprefix("/_control/"), body)
        except (ValueError, TypeError) as error:
            return json_reply({"error": str(error)}, status=400)

    def _control(self, what: str, body: bytes) -> Reply:
        if what == "book":
            return json_reply(self.book.all())
        if what == "requests":
            return json_reply(
                [
                    {
                        "method": seen.method,
                        "path": seen.path,
                        "headers": seen.headers,
                        "body": seen.body.decode(),
                    }
                    for seen in list(self.requests)
                ]
            )
        if what == "faults":
            self.faults.add(Fault(**json.loads(body)))
        elif what == "rules":
            self.rules.update(json.loads(body))
        elif what == "reset":
            self.faults.clear()
            self.requests.clear()
            self.rules.clear()
            self.book.clear()
        else:
            return json_reply({"error": "no such control"}, status=404)
        return json_reply({"ok": True})

    def serve(self, request: Request) -> Reply | None:
        """Answer with whatever goes wrong on the way; None closes the connection."""
        self.requests.append(request)
        mishap: Fault | None = None
        for fault in self.faults.take(request.path):
            if fault.kind == "delay":
                time.sleep(fault.value / 1000)
            else:
                mishap = fault
        if mishap is None:
            return self._carry_out(request)
        if mishap.kind in BEFORE:
            return self._instead(mishap)
        self._carry_out(request)
        return _afterwards(mishap, request)

    def _instead(self, fault: Fault) -> Reply | None:
        match fault.kind:
            case "status":
                return Reply(b"", int(fault.value), None)
            case "code":
                return self.refusal(str(fault.value))
            case "answer":
                return json_reply(fault.value)
        return None

    def _carry_out(self, request: Request) -> Reply:
        with self.book.lock:
            return self.answer(request)


def _afterwards(fault: Fault, request: Request) -> Reply | None:
    match fault.kind:
        case "echo":
            headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
            quoted = f"<pre>{headers}\n{request.body.decode()}</pre>"
            return Reply(quoted.encode(), 500, "text/html")
        case "garbage":
            return Reply(b"<html>\xff not what you expected", 200, "text/html")
        case "huge":
            return Reply(b" " * _HUGE)
        case "status_after":
            return Reply(b"", int(fault.value), None)
    return None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], simulator: Simulator) -> None:
        super().__init__(address, _Handler)
        self.simulator = simulator

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that went away is the caller's affair."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave together: apart, they would wait for each other's receipt.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, *args: Any) -> None:
        """Requests are recorded, not printed."""

    def _serve(self) -> None:
        simulator = cast(_Server, self.server).simulator
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply: Reply | None
        if path.startswith("/_control/"):
            reply = simulator.control(path, body)
        else:
            reply = simulator.serve(
                Request(
                    method=self.command,
                    path=path,
                    query=query,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=body,
                    address=self.client_address[0],
                )
            )
        if reply is None:
            self.close_connection = True
            return
        self.send_response(reply.status)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)


def serve_forever(
    simulator: Simulator, *, host: str, port: int, ready: Callable[[str], object] | None = None
) -> None:
    """Serve until interrupted; `ready` is told the address once it can be called."""
    with _Server((host, port), simulator) as server:
        if ready:
            ready(f"http://{host}:{server.server_address[1]}")
        server.serve_forever(poll_interval=0.2)


@contextmanager
def running(simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve from a thread for the length of the block; yields the base address."""
    with _Server((host, port), simulator) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
