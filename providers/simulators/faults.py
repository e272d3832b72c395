"""Faults on request: what goes wrong, where, and how often."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

KINDS: Final = {
    "delay": "wait `value` milliseconds, then carry on",
    "drop_before": "close the connection without doing anything",
    "drop_after": "do it, then close the connection without an answer",
    "garbage": "do it, then answer rubbish",
    "echo": "do it, then answer HTTP 500 with the request quoted, as servers that break do",
    "huge": "do it, then answer more than anyone should read",
    "status": "answer HTTP `value` without doing anything",
    "status_after": "do it, then answer HTTP `value`",
    "code": "answer the provider's own code `value` without doing anything",
    "answer": "answer the JSON `value` without doing anything",
}
BEFORE: Final = frozenset({"drop_before", "status", "code", "answer"})
"""The kinds that happen instead of the work; the others happen after it."""


def _anything(value: Any) -> bool:
    return True


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and 200 <= value <= 599


_VALUES: Final[dict[str, Callable[[Any], bool]]] = {
    "delay": lambda value: isinstance(value, int | float) and value >= 0,
    "status": _is_status,
    "status_after": _is_status,
    "code": lambda value: isinstance(value, str | int) and value != "",
}


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault; `times` 0 means for ever, `path` "*" means anywhere."""

    kind: str
    path: str = "*"
    times: int = 1
    value: Any = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is none of {', '.join(KINDS)}")
        if not _VALUES.get(self.kind, _anything)(self.value):
            raise ValueError(f"{self.value!r} is no value for {self.kind}: {KINDS[self.kind]}")


class FaultPlan:
    """Faults waiting for their request, first come first served."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Queue a fault behind those that wait already."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Back to normal."""
        with self._lock:
            self._faults.clear()

    def take(self, path: str) -> list[Fault]:
        """What goes wrong with this request: its delays and at most one other fault."""
        taken: list[Fault] = []
        with self._lock:
            for fault in list(self._faults):
                if fault.path not in ("*", path):
                    continue
                if fault.kind != "delay" and any(other.kind != "delay" for other in taken):
                    continue
                taken.append(fault)
                if fault.times == 1:
                    self._faults.remove(fault)
                elif fault.times > 1:
                    fault.times -= 1
        return taken
