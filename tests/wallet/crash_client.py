"""A client that moves money until it is killed, and writes down what it asked and was answered.

``python -m tests.wallet.crash_client COMMAND …`` on the database of ``VAR_DIR``:
``prepare`` migrates it and prints the wallets of two players; ``work WALLETS LOG`` never ends;
``ask WALLETS LOG…`` asks again for everything in the logs and prints the answers.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402

from wallet import ledger, players  # noqa: E402
from wallet.models import Channel, EntryKind, Wallet  # noqa: E402

Answer = list[Any]  # result, code, entry, balance before, balance after


def prepare() -> None:
    call_command("migrate", verbosity=0)
    channel = Channel.objects.create(id=1, name="Crashes", currency="CNY")
    for name in ("one", "two"):
        opening = {0: Decimal(2000), 1: Decimal(500)}
        players.register(channel=channel, username=name, opening_balances=opening)
    wallets = Wallet.objects.filter(type__in=[0, 1]).order_by("player", "type")
    print(json.dumps([wallet.pk for wallet in wallets]))  # noqa: T201


def move(name: str, number: int, wallets: Sequence[int]) -> Answer:
    """The movement of this number: always the same one. Wallets go in pairs of one player."""
    chance = random.Random(f"{name} {number}")
    place = chance.randrange(len(wallets))
    wallet, sibling = wallets[place], wallets[place ^ 1]
    reference = f"{name}-{number}"
    amount = Decimal(chance.randint(1, 99999)) / 1000
    match number % 4:
        case 0:
            kind, amount = chance.choice([(EntryKind.DEPOSIT, amount), (EntryKind.BET, -amount)])
            posting = ledger.post(
                wallet_id=wallet, kind=kind, amount=amount, source="crash", reference=reference
            )
        case 1:
            posting = ledger.transfer(
                from_wallet_id=wallet, to_wallet_id=sibling, amount=amount, reference=reference
            )
        case 2:
            item = ledger.Movement(wallet, EntryKind.BET, -amount, "crash", reference)
            other = ledger.Movement(sibling, EntryKind.BONUS, amount, "crash", reference + "+")
            answer, _ = ledger.post_batch(movements=[item, other])
            if isinstance(answer, ledger.LedgerError):
                raise answer
            posting = answer
        case _:
            wallet = wallets[random.Random(f"{name} {number - 1}").randrange(len(wallets))]
            posting = ledger.reverse(
                wallet_id=wallet,
                targets=["crash"],
                target_reference=f"{name}-{number - 1}",
                target_kind=EntryKind.BET,
                kind=EntryKind.REFUND,
                source="crash:refund",
                reference=reference,
            )
    return [
        posting.result,
        posting.code,
        posting.entry_id,
        str(posting.balance_before),
        str(posting.balance_after),
    ]


def work(wallets: Sequence[int], log: Path) -> None:
    name = log.stem
    with log.open("a", buffering=1) as written:
        for number in count():
            print(json.dumps([name, number]), file=written)
            try:
                answer = move(name, number, wallets)
            except (DatabaseError, ledger.LedgerError) as error:
                print(json.dumps([name, number, type(error).__name__]), file=written)
                connection.close()
                time.sleep(0.02)
            else:
                print(json.dumps([name, number, answer]), file=written)


def ask(wallets: Sequence[int], *logs: Path) -> None:
    lines = [line for log in logs for line in whole_lines(log)]
    for name, number in dict.fromkeys(tuple(json.loads(line)[:2]) for line in lines):
        print(json.dumps([name, number, move(name, number, wallets)]))  # noqa: T201


def whole_lines(log: Path) -> list[str]:
    """Without the last one if its writer was killed over it."""
    return log.read_text().rpartition("\n")[0].splitlines()


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "prepare":
        prepare()
    elif command == "work":
        work(json.loads(arguments[0]), Path(arguments[1]))
    else:
        ask(json.loads(arguments[0]), *map(Path, arguments[1:]))
