"""A channel of the test's own, its players and keys, and eBET's side of the conversation."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from callbacks.models import ReceivedCallback
from callbacks.parsing import Number, parse_object, write_json
from providers.ebet.signing import key_bits, sign
from tests.providers.keys import key_pair, weak_key_pair
from wallet import players
from wallet.models import Channel, ChannelKey, Hold, LedgerEntry, Player, PlayerSession, Wallet

PAYLOADS = Path(__file__).parent / "payloads"

FORMULAS = {
    "callback": "username+channelId+accessToken+timestamp",
    "increaseCredit": "seqNo+event+channelId+timestamp+username+money",
    "queryIncreaseCreditRecord": "username+timestamp",
    "refundSingleWallet": "username+timestamp",
    "autoBatchRefund": "timestamp",
}
PASSWORD_LOGIN = "seqNo+event+channelId+timestamp+username+password"
TOKEN_LOGIN = "seqNo+event+channelId+timestamp+username+accessToken"

_channels = count(int(time.time()) % 100_000 * 1000)

T = TypeVar("T")
Document = dict[str, Any]


@cache
def keys() -> Mapping[str, tuple[str, str]]:
    """Public and private halves: K0 retired, K1 active, K2 next, K5 of 512 bits, K9 foreign."""
    return {**{name: key_pair() for name in ("K0", "K1", "K2", "K9")}, "K5": weak_key_pair()}


def payload(name: str) -> Document:
    return parse_object((PAYLOADS / f"{name}.json").read_bytes())


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def text_to_sign(document: Mapping[str, Any], formula: str) -> str:
    """The signed text, written out once more, independently of the product's own."""
    values = [document.get(name) for name in formula.split("+")]
    return "".join(
        "" if value is None else value.token if isinstance(value, Number) else str(value)
        for value in values
    )


@dataclass(frozen=True)
class Reply:
    http_status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Document:
        document: Document = json.loads(self.body, parse_float=Decimal)
        return document

    @property
    def status(self) -> int:
        return int(self.json["status"])

    def __getitem__(self, name: str) -> Any:
        return self.json[name]


@dataclass
class World:
    """Channel with players: lily08 plays, mona09 is locked, nell10 closed, otto11 has dollars."""

    url: str
    channel: Channel
    players: dict[str, Player] = field(default_factory=dict)

    # --- Talking ------------------------------------------------------------------------------

    def post(self, path: str, body: bytes, *, headers: Mapping[str, str] | None = None) -> Reply:
        return self.request("POST", path, body, headers=headers)

    def request(
        self, method: str, path: str, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(
                method, path, body, {"Content-Type": "application/json", **(headers or {})}
            )
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def send(
        self, document: Mapping[str, Any], *, path: str | None = None, **headers: str
    ) -> Reply:
        """Post a message to its event's address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        address = path or f"/{document.get('event', 'callback')}"
        return self.post(address, write_json(document).encode(), headers=named)

    # --- Messages -----------------------------------------------------------------------------

    def message(self, name: str, *, key: str = "K1", **members: Any) -> Document:
        """A recorded payload for this channel and this moment, changed, then signed.

        Numbers may be given as int or Decimal; a Number keeps its token. `...` leaves a member
        out. A signature that is given is not replaced.
        """
        document = payload(name) | {"channelId": self.channel.pk} | {"timestamp": now_ms()}
        if name == "notice":
            document["timestamp"] = int(time.time())
        document = {
            member: numbered(value)
            for member, value in (document | members).items()
            if value is not ...
        }
        if "signature" in document and "signature" not in members:
            document["signature"] = self.signature(document, key=key)
        return document

    def signature(self, document: Mapping[str, Any], *, key: str = "K1") -> str:
        event = document.get("event", "callback")
        if event == "registerOrLogin":
            formula = TOKEN_LOGIN if document["eventType"].token == "4" else PASSWORD_LOGIN
        else:
            formula = FORMULAS.get(event, "timestamp")
        return sign(keys()[key][1], text_to_sign(document, formula))

    def movement(
        self, code: int, money: str, seq_no: str, *, round_code: str | None = "R", **members: Any
    ) -> Document:
        """An increaseCredit of any type; the round is made this test's own by the channel."""
        detail = {"tableCode": "BP1", "tableType": Number("1"), **members.pop("detail", {})}
        if round_code is not None:
            detail = {"roundCode": round_code, **detail}
        return self.message(
            "bet", type=code, money=Number(money), seqNo=seq_no, detail=numbered(detail), **members
        )

    def move(self, code: int, money: str, seq_no: str, **members: Any) -> Reply:
        return self.send(self.movement(code, money, seq_no, **members))

    def give(self, money: str) -> None:
        """Put more money into lily08's wallet."""
        assert self.move(38, money, f"gift-{money}", round_code=None).status == 200

    # --- The world behind ---------------------------------------------------------------------

    def balance(self, username: str = "lily08", type_id: int = 0) -> Decimal:
        player = self.players[username]
        return Wallet.objects.get(player=player, type_id=type_id).balance

    def entries(self, **filters: Any) -> list[LedgerEntry]:
        return list(LedgerEntry.objects.filter(channel=self.channel, **filters).order_by("id"))

    def state(self) -> tuple[Any, ...]:
        """Everything that money is: balances and withheld sums, applied entries, open holds."""
        wallets = Wallet.objects.filter(channel=self.channel).order_by("id")
        return (
            list(wallets.values_list("id", "balance", "held")),
            len(self.entries(outcome="applied")),
            list(
                Hold.objects.filter(wallet__channel=self.channel)
                .order_by("entry_id")
                .values_list("entry_id", "remaining")
            ),
        )

    @contextmanager
    def nothing_moves(self) -> Iterator[None]:
        before = self.state()
        yield
        assert self.state() == before

    def sessions(self) -> int:
        return PlayerSession.objects.filter(channel=self.channel).count()

    def received(self, seq_no: str, *, at_least: int = 1) -> list[ReceivedCallback]:
        """The inbox's rows of this message, oldest first; waits for the writer's next batch."""
        deadline = time.monotonic() + 5
        while True:
            rows = list(
                ReceivedCallback.objects.filter(
                    channel_number=self.channel.pk, seq_no=seq_no
                ).order_by("received_at")
            )
            if len(rows) >= at_least or time.monotonic() > deadline:
                return rows
            time.sleep(0.02)

    def switch(self, **switches: Any) -> None:
        Channel.objects.filter(pk=self.channel.pk).update(**switches)
        self.channel.refresh_from_db()


def in_parallel(times: int, do: Callable[[], T]) -> list[T]:
    """The results of so many calls at once."""
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(do) for _ in range(times)]]


def numbered(value: Any) -> Any:
    """Python numbers as JSON tokens, at any depth."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return Number(str(value))
    if isinstance(value, dict):
        return {name: numbered(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbered(inner) for inner in value]
    return value


def add_key(channel: Channel, name: str, state: ChannelKey.State) -> ChannelKey:
    public_pem, private_pem = keys()[name]
    return ChannelKey.objects.create(
        channel=channel,
        state=state,
        public_pem=public_pem,
        private_pem=private_pem,
        fingerprint=f"{channel.pk}-{name}",
        bits=key_bits(public_pem),
    )


def make_world(url: str, *, channel_id: int | None = None) -> World:
    channel = Channel.objects.create(
        id=next(_channels) if channel_id is None else channel_id,
        name="North",
        currency="CNY",
        allowed_networks=["127.0.0.1/32"],
    )
    add_key(channel, "K1", ChannelKey.State.ACTIVE)
    world = World(url, channel)
    for username, balance, status, currency in (
        ("lily08", "1000.01", Player.Status.ACTIVE, "CNY"),
        ("mona09", "500.00", Player.Status.LOCKED, "CNY"),
        ("nell10", "0", Player.Status.CLOSED, "CNY"),
        ("otto11", "50.00", Player.Status.ACTIVE, "USD"),
    ):
        player = players.register(
            channel=channel,
            username=username,
            password="pw-lily" if username == "lily08" else "",
            currency=currency,
            status=status,
            opening_balances={0: Decimal(balance)},
        )
        suffix = "" if username == "lily08" else f"-{username}"
        players.issue_access_token(player=player, token=f"tk-ok{suffix}", fixed=True)
        players.open_session(player=player, token=f"s-1{suffix}", fixed=True)
        world.players[username] = player
    return world
