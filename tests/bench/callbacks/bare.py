"""The limit: bare WSGI doing the statements of a balance and of a movement, and no check at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

import django
import psycopg
from django.conf import settings

django.setup()

_local = threading.local()
_READ = (
    "SELECT w.id, w.balance FROM wallet_player p JOIN wallet_wallet w ON w.player_id = p.id"
    " AND w.type_id = 0 WHERE p.channel_id = %s AND p.username = %s"
)
_MOVE = "SELECT * FROM ledger_post(%s::bigint, %s::text, %s::numeric, %s::text, %s::text, %s::text)"
_KINDS = {1: "bet", 2: "payout"}


def _connection() -> psycopg.Connection[Any]:
    if not hasattr(_local, "connection"):
        database = settings.DATABASES["default"]
        _local.connection = psycopg.connect(
            host=database["HOST"],
            user=database["USER"],
            dbname=database["NAME"],
            autocommit=True,
            prepare_threshold=0,
        )
    connection: psycopg.Connection[Any] = _local.connection
    return connection


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    message = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    money: Any = 0
    if "channelId" in message:
        key = (message["channelId"], message["username"])
        row = _connection().execute(_READ, key).fetchone()
        wallet, money = row or (0, 0)
        if message["event"] == "increaseCredit":
            kind, source = _KINDS[message["type"]], f"ebet:{message['type']}"
            round_code = message["detail"]["roundCode"]
            moved = (wallet, kind, message["money"], source, message["seqNo"], round_code)
            _connection().execute(_MOVE, moved)
    body = f'{{"status":200,"money":{money}}}'.encode()
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]
