"""Two hundred believable players."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from providers.demo.document import EXAMPLES
from wallet import players
from wallet.models import (
    MAIN_TYPE_ID,
    Agent,
    Channel,
    EntryKind,
    LedgerEntry,
    LoginEvent,
    Player,
    SubChannel,
    Wallet,
)

# How many players each channel has; the providers' simulators are asked for those of channel 1.
COUNTS: Final = {1: 24, 20: 110, 305: 66}
CHINESE: Final = (
    ("xiaoming", "小明"), ("lihua", "李华"), ("wangwei", "王伟"), ("zhangmin", "张敏"),
    ("chenjie", "陈杰"), ("liuyang", "刘洋"), ("zhaolei", "赵磊"), ("sunli", "孙丽"),
    ("zhoutao", "周涛"), ("wufang", "吴芳"), ("huangbo", "黄波"), ("linxue", "林雪"),
    ("hejun", "何军"), ("gaofei", "高飞"), ("luoqian", "罗倩"), ("xingyun", "幸运星"),
    ("longge", "龙哥"), ("facai", "发财"), ("meimei", "美美"), ("dashu", "大叔"),
)  # fmt: skip
WESTERN: Final = (
    ("jack", "Jack"), ("maria", "Maria"), ("kevin", "Kevin"), ("anna", "Anna"), ("rico", "Rico"),
    ("grace", "Grace"), ("leo", "Leo"), ("sofia", "Sofia"), ("mark", "Mark"), ("joy", "Joy"),
    ("paolo", "Paolo"), ("tina", "Tina"), ("lucky", "Lucky"), ("nina", "Nina"), ("sam", "Sam"),
)  # fmt: skip
PASSWORDS: Final = 3  # hashing takes its time: these many have one, the others sign in by token


@dataclass(frozen=True)
class Person:
    """A player and what the history has to know of them."""

    player: Player
    main_wallet_id: int
    opening: Decimal

    @property
    def joined(self) -> datetime:
        """When the account was opened."""
        return self.player.registered_at


def register_people(now: datetime) -> None:
    """Register the players of all channels, the oldest first."""
    luck = _luck("people")
    channels = Channel.objects.in_bulk(COUNTS)
    agents: dict[int, list[Agent | None]] = {number: [None] for number in COUNTS}
    for agent in Agent.objects.filter(channel__in=COUNTS).order_by("pk"):
        agents[agent.channel_id].append(agent)
    sub_channels: dict[int, list[SubChannel | None]] = {number: [None] for number in COUNTS}
    for sub_channel in SubChannel.objects.filter(channel__in=COUNTS).order_by("pk"):
        sub_channels[sub_channel.channel_id].append(sub_channel)
    numbers = [number for number, count in COUNTS.items() for _ in range(count)]
    luck.shuffle(numbers)
    joined = sorted(now - timedelta(minutes=luck.randint(3_000, 150_000)) for _ in numbers)
    taken: set[str] = set()
    for index, (number, moment) in enumerate(zip(numbers, joined, strict=True)):
        username, nickname = _name(luck, CHINESE if number != 305 else WESTERN, taken)
        players.register(
            channel=channels[number],
            username=username,
            password=f"pw-{username}" if index < PASSWORDS else "",
            nickname=nickname,
            agent=luck.choice(agents[number]),
            sub_channel=luck.choice(sub_channels[number]),
            registered_at=moment,
            opening_balances={0: Decimal(luck.choice((0, 0, 100, 500, 2_000)))},
        )


def everyone() -> list[Person]:
    """The registered people, in the order of registering."""
    openings = dict(
        LedgerEntry.objects.filter(kind=EntryKind.OPENING).values_list("wallet_id", "amount")
    )
    wallets = (
        Wallet.objects.filter(type=MAIN_TYPE_ID, channel__in=COUNTS)
        .exclude(player__username__in=EXAMPLES)
        .select_related("player")
    )
    return [
        Person(wallet.player, wallet.pk, openings.get(wallet.pk, Decimal(0)))
        for wallet in wallets.order_by("player_id")
    ]


def _name(
    luck: random.Random, names: tuple[tuple[str, str], ...], taken: set[str]
) -> tuple[str, str]:
    while True:
        base, nickname = luck.choice(names)
        username = f"{base}{luck.choice((6, 7, 8, 66, 88, 99, 168, 520, 666, 888, 1990, 2008))}"
        if username not in taken and len(username) <= 12:
            taken.add(username)
            return username, nickname


def record_logins(people: list[Person], now: datetime) -> None:
    """A login history, and the sessions of those who are playing now."""
    luck = _luck("logins")
    outcomes = LoginEvent.Outcome
    events = []
    for person in people:
        for _ in range(luck.randint(0, 3)):
            at = person.joined + (now - person.joined) * luck.random()
            events.append(
                LoginEvent(
                    channel_id=person.player.channel_id,
                    player=person.player,
                    username=person.player.username,
                    outcome=luck.choices(
                        (outcomes.SUCCESS, outcomes.UNKNOWN_TOKEN, outcomes.WRONG_PASSWORD),
                        (20, 2, 1),
                    )[0],
                    event_type=4,
                    address=f"203.0.113.{luck.randint(1, 254)}",
                    at=at,
                )
            )
    LoginEvent.objects.bulk_create(events)
    for person in luck.sample(people, 15):
        players.open_session(
            player=person.player,
            event_type=4,
            platform=3,
            address=f"203.0.113.{luck.randint(1, 254)}",
        )


def lock_some(people: list[Person]) -> None:
    """A few accounts that operators have dealt with."""
    luck = _luck("locks")
    for person in luck.sample(people, 6):
        players.lock(player=person.player, reason="documents requested")
    for person in luck.sample(people, 3):
        if person.player.status == Player.Status.ACTIVE:
            players.close(player=person.player, reason="closed at the player's wish")


def _luck(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311  a toy world, no secret
