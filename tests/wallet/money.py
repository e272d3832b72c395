"""What the ledger's tests share: a player with money, movements, and the wallet's state."""

from __future__ import annotations

import itertools
import os
import time
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
from django.conf import settings
from django.db import connections

from wallet import ledger, players
from wallet.ledger import Posting
from wallet.models import Adjustment, Channel, EntryKind, LedgerEntry, Player, Wallet
from wallet.verification import verify

_numbers = itertools.count(os.getpid() * 1000)


def money(text: str | int) -> Decimal:
    return Decimal(text)


def unique(prefix: str = "ref") -> str:
    return f"{prefix}-{uuid.uuid4().hex}"


def new_channel(**fields: Any) -> Channel:
    number = next(_numbers)
    return Channel.objects.create(
        id=number, **{"name": f"Channel {number}", "currency": "CNY", **fields}
    )


def new_player(balance: str = "0", *, channel: Channel | None = None, **fields: Any) -> Player:
    return players.register(
        channel=channel or new_channel(),
        username=unique("p")[:20],
        opening_balances={0: money(balance)},
        **fields,
    )


@dataclass(frozen=True)
class State:
    """Everything that must be as it was after a refusal."""

    balance: Decimal
    held: Decimal
    version: int
    entries: int


class Purse:
    """One wallet, with the movements that the tests make most."""

    def __init__(self, balance: str = "1000", player: Player | None = None, type_id: int = 0):
        self.player = player or new_player(balance)
        self.wallet = Wallet.objects.get(player=self.player, type=type_id)

    def state(self) -> State:
        wallet = Wallet.objects.get(pk=self.wallet.pk)
        entries = LedgerEntry.objects.filter(wallet=wallet).count()
        return State(wallet.balance, wallet.held, wallet.version, entries)

    @property
    def balance(self) -> Decimal:
        return self.state().balance

    @property
    def held(self) -> Decimal:
        return self.state().held

    def post(self, kind: EntryKind, amount: str | Decimal, **fields: Any) -> Posting:
        fields = {"source": f"test:{kind}", "reference": unique(), **fields}
        return ledger.post(wallet_id=self.wallet.pk, kind=kind, amount=Decimal(amount), **fields)

    def bet(self, amount: str = "-80", reference: str = "", **fields: Any) -> Posting:
        return self.post(EntryKind.BET, amount, reference=reference or unique("bet"), **fields)

    def reverse(self, target: str, reference: str = "", **fields: Any) -> Posting:
        fields = {
            "targets": ["test:bet"],
            "target_kind": EntryKind.BET,
            "kind": EntryKind.REFUND,
            "source": "test:refund",
            **fields,
        }
        return ledger.reverse(
            wallet_id=self.wallet.pk,
            target_reference=target,
            reference=reference or unique("refund"),
            **fields,
        )


def entry_of(answer: Posting | Adjustment) -> LedgerEntry:
    assert answer.entry_id is not None
    return LedgerEntry.objects.get(pk=answer.entry_id)


def finish_transactions() -> None:
    """Wait until whatever runs now, in any database of the server, has ended."""
    with connect() as connection:
        row = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
        assert row is not None
        for _ in range(600):
            horizon = connection.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
            ).fetchone()
            assert horizon is not None
            if horizon[0] > row[0]:
                return
            time.sleep(0.05)
    raise TimeoutError("A transaction of another test has been open for 30 seconds.")


def assert_proven(purse: Purse) -> None:
    """The whole channel of the purse stands up to verification."""
    run = verify(channel_id=purse.player.channel_id)
    assert run.passed, run.report


def connect(role: str = "backoffice_app") -> psycopg.Connection[tuple[Any, ...]]:
    """A connection of its own to this worker's database, as one of the server's roles."""
    return psycopg.connect(
        host=str(settings.PATHS.sockets),
        user=role,
        dbname=connections["default"].settings_dict["NAME"],
        autocommit=True,
    )
