"""Purses to attack, and those who attack them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.wallet.attacks import Attack
from tests.wallet.money import Purse, connect
from wallet.models import EntryKind


@pytest.fixture
def purse(committed_db: None) -> Purse:
    purse = Purse("1000")
    purse.bet("-80", "b-1", round_code="r")
    purse.post(EntryKind.HOLD, "-100", reference="h-1")
    purse.post(EntryKind.RELEASE, "40", reference="r-1", holds=["h-1"])
    purse.post(EntryKind.PAYOUT, "5", reference="p-1", round_code="r", failed_stakes=["b-1"])
    return purse


@pytest.fixture
def as_owner(committed_db: None) -> Iterator[Attack]:
    yield from attacker("backoffice_owner")


@pytest.fixture
def as_application(committed_db: None) -> Iterator[Attack]:
    yield from attacker("backoffice_app")


def attacker(role: str) -> Iterator[Attack]:
    with connect(role) as connection:

        def attack(statement: str) -> psycopg.Error:
            with pytest.raises(psycopg.Error) as refusal:
                connection.execute(statement)
            return refusal.value

        yield attack


@pytest.fixture
def tamper() -> Iterator[psycopg.Connection[Any]]:
    """A superuser who has switched every guard off, and puts things back at the end."""
    with connect("postgres") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.autocommit = False
        yield connection
        connection.rollback()
