"""Two hundred believable players."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from providers.demo.document import AGENTS, SUB_CHANNELS
from wallet import players
from wallet.models import Agent, Channel, LoginEvent, Player, SubChannel

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
    currency: str
    joined: datetime
    opening: Decimal


def register_people(luck: random.Random, now: datetime) -> list[Person]:
    """Register the players of all channels, the oldest first."""
    channels = Channel.objects.in_bulk(COUNTS)
    agents: dict[int, list[Agent | None]] = {number: [None] for number in COUNTS}
    for agent in Agent.objects.filter(channel__in=COUNTS).select_related("sub_channel"):
        if (agent.channel_id, agent.agent_id) in {(row[0], row[2]) for row in AGENTS}:
            agents[agent.channel_id].append(agent)
    sub_channels = {
        number: list(SubChannel.objects.filter(channel=number, number__in=SUB_CHANNELS[number]))
        for number in COUNTS
    }
    numbers = [number for number, count in COUNTS.items() for _ in range(count)]
    luck.shuffle(numbers)
    joined = sorted(now - timedelta(minutes=luck.randint(3_000, 150_000)) for _ in numbers)
    taken: set[str] = set()
    people = []
    for index, (number, moment) in enumerate(zip(numbers, joined, strict=True)):
        username, nickname = _name(luck, CHINESE if number != 305 else WESTERN, taken)
        opening = Decimal(luck.choice((0, 0, 100, 500, 2_000)))
        player = players.register(
            channel=channels[number],
            username=username,
            password=f"pw-{username}" if index < PASSWORDS else "",
            nickname=nickname,
            agent=luck.choice(agents[number]),
            sub_channel=luck.choice([None, *sub_channels[number]]),
            registered_at=moment,
            opening_balances={0: opening},
        )
        wallet = player.wallets.get(type_id=0)
        people.append(Person(player, wallet.pk, player.currency, moment, opening))
    return people


def _name(
    luck: random.Random, names: tuple[tuple[str, str], ...], taken: set[str]
) -> tuple[str, str]:
    while True:
        base, nickname = luck.choice(names)
        username = f"{base}{luck.choice((6, 7, 8, 66, 88, 99, 168, 520, 666, 888, 1990, 2008))}"
        if username not in taken and len(username) <= 12:
            taken.add(username)
            return username, nickname


def record_logins(luck: random.Random, people: list[Person], now: datetime) -> None:
    """A login history, and the sessions of those who are playing now."""
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
