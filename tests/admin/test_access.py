"""Who may do what, everywhere: a walk over every address, compared with access.csv.

The table is the specification. After a change that is meant, write it anew with
``ACCESS_TABLE=write`` in the environment (and ``-n0``), and read the difference before committing.
"""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.template.response import TemplateResponse
from django.test import Client

from tests.admin.pages import Address, Visitor, addresses
from tests.admin.world import World
from wallet.roles import ROLES

TABLE = Path(__file__).with_name("access.csv")


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets in is decided before a page is drawn; drawing has tests of its own."""
    monkeypatch.setattr(TemplateResponse, "rendered_content", "")


def _cell(client: Client, address: Address) -> str:
    visitor = Visitor(client)
    words = []
    for ask in (visitor.get, visitor.post):
        with transaction.atomic():
            words.append(ask(address))
            transaction.set_rollback(True)
    return " ".join(words)


VISITORS = ("anonymous", "superuser", *ROLES, "no scope", "other sub-channel", "other channel")


def _visitor(world: World, who: str) -> User | None:
    users = {
        "anonymous": None,
        "superuser": world.superuser,
        "no scope": world.stranger,
        "other sub-channel": world.part,
        "other channel": world.roles["Administrator"],
        **world.roles,
    }
    return users[who]


def _walk(world: World, who: str) -> dict[str, str]:
    client = Client()
    if user := _visitor(world, who):
        client.force_login(user)
    side = world.elsewhere if who == "other channel" else world.here
    return {
        address.name: _cell(client, address)
        for address in addresses(side)
        if address.about_object or who != "other channel"
    }


def _read() -> dict[str, dict[str, str]]:
    with TABLE.open(newline="") as file:
        return {row.pop("page"): row for row in csv.DictReader(file)}


def _write(who: str, found: dict[str, str]) -> None:
    table = _read() if TABLE.exists() else {}
    with TABLE.open("w", newline="") as file:
        writer: Any = csv.DictWriter(file, ["page", *VISITORS], "-", lineterminator="\n")
        writer.writeheader()
        for page in found if who == "anonymous" else table:
            writer.writerow({**table.get(page, {}), "page": page, who: found.get(page, "-")})


@pytest.mark.parametrize("who", VISITORS)
class TestEveryAddressOfTheAdmin:
    def test_opens_as_the_table_says(self, world: World, unrendered: None, who: str) -> None:
        found = _walk(world, who)

        if os.environ.get("ACCESS_TABLE") == "write":
            _write(who, found)
        expected = {page: row[who] for page, row in _read().items() if row[who] != "-"}
        assert found == expected
