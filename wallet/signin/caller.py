"""Who is at the door: an address and a browser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import HttpRequest

from wallet.network import Address, caller_address, is_in, parse_network

_BROWSERS: Final = (  # in this order: most call themselves by their predecessors' names as well
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)"),
    ("Safari", r"Version/(\d+).*Safari/"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("macOS", "Macintosh"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Caller:
    address: Address | None
    browser: str

    @classmethod
    def of(cls, request: HttpRequest) -> Caller:
        return cls(caller_address(request), describe(request.headers.get("User-Agent", "")))

    @property
    def stored_address(self) -> str | None:
        return str(self.address) if self.address else None

    def is_within(self, networks: Iterable[str]) -> bool:
        """Whether everybody may come from here, and also lies in one of ``networks``, if any."""
        wanted = [parse_network(text) for text in networks]
        everybody = settings.STAFF_ALLOWED_NETWORKS
        return (not everybody or is_in(self.address, everybody)) and (
            not wanted or is_in(self.address, wanted)
        )


def describe(user_agent: str) -> str:
    """Browser, version and system in a few words; what is unknown is quoted, cut short."""
    for browser, pattern in _BROWSERS:
        if found := re.search(pattern, user_agent):
            systems = (name for name, mark in _SYSTEMS if mark in user_agent)
            return " · ".join([f"{browser} {found[1]}", *list(systems)[:1]])
    return user_agent[:100]
