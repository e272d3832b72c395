"""Looking for secrets wherever a trace may have been left, in every way that they are written."""

from __future__ import annotations

import base64
import html
import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.sessions.models import Session
from django.db import connection


@dataclass
class Secrets:
    """What must be found nowhere: each way to write it, and what it is."""

    spellings: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, value: str) -> None:
        assert len(value) >= 12, "what is short is found by chance"
        self.spellings |= dict.fromkeys(_spellings(value), what)

    def add_basic(self, what: str, identity: object, secret: str) -> None:
        """A secret, and how Basic authentication writes it."""
        self.add(what, secret)
        token = base64.b64encode(f"{identity}:{secret}".encode()).decode()
        self.add(f"{what} as Basic credentials", token)

    def add_pem(self, what: str, pem: str) -> None:
        for number, line in enumerate(pem.splitlines()[1:-1]):
            self.add(f"{what}, line {number}", line)

    def found_in(self, text: str) -> list[str]:
        """Which of them `text` tells."""
        return [what for spelling, what in self.spellings.items() if spelling in text]


def _spellings(value: str) -> set[str]:
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        value.replace("/", "\\/"),
        html.escape(value),
        quote(value),
        quote(value, safe=""),
        value.encode().hex(),
        base64.b64encode(value.encode()).decode().rstrip("="),
    }


def rows() -> Iterator[tuple[str, str]]:
    """Every row of every table, and what sessions hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name"
        )
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row
    for session in Session.objects.all():
        yield "session", json.dumps(session.get_decoded(), default=str)


def hear_everything(caplog: pytest.LogCaptureFixture) -> None:
    """All loggers, those of the libraries too, at their most talkative; SQL with its values."""
    connection.force_debug_cursor = True
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)


def leaks(secrets: Secrets, places: Mapping[str, Any]) -> set[tuple[str, str]]:
    """In which of the places, or of the database's tables, which secret can be read."""
    texts = [(place, str(text)) for place, text in places.items()]
    return {(place, what) for place, text in [*texts, *rows()] for what in secrets.found_in(text)}
