"""A process that moves money through Django when told to: ``python -m tests.bench.ledger.worker``.

It reads lines ``[contestant, hot, seconds]`` and answers each with the number of movements done.
"""

# ruff: noqa: T201

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from importlib import import_module

import django

django.setup()

from django.db import transaction  # noqa: E402

from tests.bench.ledger.conventional.models import Purse, move  # noqa: E402
from wallet import ledger  # noqa: E402
from wallet.models import EntryKind, Wallet  # noqa: E402

Move = Callable[[int], object]  # takes the place of a wallet in the list


def contestants(wallets: list[int], purses: list[int]) -> dict[str, Move]:
    one = Decimal(-1)

    def ours(place: int) -> object:
        return ledger.post(
            wallet_id=wallets[place],
            kind=EntryKind.BET,
            amount=one,
            source="bench",
            reference=uuid.uuid4().hex,
            round_code=uuid.uuid4().hex,
        )

    def conventional(place: int) -> object:
        return move(purses[place], one, uuid.uuid4().hex)

    account = import_module("hordak.models").Account
    price = import_module("moneyed").Money(1, "CNY")
    accounts = list(account.objects.order_by("pk"))
    house = accounts.pop(0)

    def hordak(place: int) -> object:
        return house.transfer_to(accounts[place], price)

    def guarded_hordak(place: int) -> object:
        """As a wallet has to: never below zero, however many ask at once."""
        with transaction.atomic():
            wallet = account.objects.select_for_update().get(pk=accounts[place].pk)
            if wallet.get_balance()["CNY"].amount < price.amount:
                raise AssertionError("the bench has spent all its money")
            return house.transfer_to(wallet, price)

    return {
        "wallet.ledger.post": ours,
        "ORM": conventional,
        "django-hordak": guarded_hordak,
        "hordak, unguarded": hordak,
    }


def main() -> None:
    wallets = list(Wallet.objects.filter(type=0).order_by("pk").values_list("pk", flat=True))
    purses = list(Purse.objects.order_by("pk").values_list("pk", flat=True))
    moves = contestants(wallets, purses)
    print("ready", flush=True)
    for line in sys.stdin:
        name, hot, seconds = json.loads(line)
        step, done = moves[name], 0
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            step(0 if hot else random.randrange(len(wallets)))
            done += 1
        print(done, flush=True)


if __name__ == "__main__":
    main()
