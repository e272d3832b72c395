"""The daily summary, each figure added up again from the entries themselves."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.reports.world import World, game_of, kind_of
from wallet.models import HouseAccount, LedgerEntry
from wallet.reports.asking import DIMENSIONS, BadAsk, read_ask
from wallet.reports.catalogue import REPORTS
from wallet.scope import Scope

SHANGHAI = ZoneInfo("Asia/Shanghai")
REFUNDING = {"refund", "reversal"}


def summary(world: World, *by: str, scope: Scope | None = None, **asked: Any) -> list[Any]:
    ask = read_ask(
        **{
            "scope": scope or Scope(everything=True),
            "since": "2026-03-01",
            "until": "2026-03-02",
            "zone": "Asia/Shanghai",
            "channel": world.channel.pk,
            "by": by,
            **asked,
        }
    )
    return list(REPORTS["daily"].rows(ask))


def figures_of(entries: list[LedgerEntry]) -> dict[str, Decimal | int]:
    """The definitions of finance, in as few words as possible."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    staked = set()
    bets = 0
    for entry in entries:
        about = kind_of(entry)
        if about in {"bet", "fee"}:
            total["refunds" if entry.kind in REFUNDING else "stakes"] += entry.amount
            staked |= set() if entry.kind in REFUNDING else {entry.player_id}
            bets += entry.kind == "bet"
        elif about == "fee_refund":
            total["refunds"] += entry.amount
        elif about in {"payout", "correction"}:
            total["payouts"] += entry.amount
        elif about in {"bonus", "prize", "clawback"}:
            total["bonuses"] += entry.amount
        elif about == "adjustment":
            total["adjustments"] += entry.amount
    return {
        "bets": bets,
        "stakes": -total["stakes"],
        "refunds": total["refunds"],
        "payouts": total["payouts"],
        "revenue": -total["stakes"] - total["refunds"] - total["payouts"],
        "bonuses": total["bonuses"],
        "adjustments": total["adjustments"],
        "players": len(staked),
    }


KEYS = {
    "day": lambda entry: entry.occurred_at.astimezone(SHANGHAI).date(),
    "channel_id": lambda entry: entry.channel_id,
    "sub_channel_id": lambda entry: entry.player.sub_channel_id,
    "agent_id": lambda entry: entry.player.agent_id,
    "game": game_of,
}


class TestTheDailySummary:
    def test_has_the_figures_that_finance_expects(self, world: World) -> None:
        rows = summary(world, "day")

        names = ("day", "currency", "stakes", "refunds", "payouts", "revenue", "bonuses",
                 "adjustments", "bets", "players")  # fmt: skip
        found = [[str(row[name]).removesuffix(".0000") for name in names] for row in rows]
        assert found == [
            ["2026-03-01", "CNY", "190.5000", "0", "275", "-84.5000", "0", "0", "3", "2"],
            ["2026-03-02", "CNY", "42", "32", "-85", "95", "5", "20", "1", "2"],
            ["2026-03-02", "USD", "60", "0", "0", "60", "0", "0", "1", "1"],
        ]

    @pytest.mark.parametrize("by", [(), *((name,) for name in DIMENSIONS), DIMENSIONS])
    def test_adds_up_to_the_entries_however_it_is_grouped(
        self, world: World, by: tuple[str, ...]
    ) -> None:
        rows = summary(world, *by)

        keys = [key for key in KEYS if any(key in row for row in rows)]
        groups: dict[Any, list[LedgerEntry]] = defaultdict(list)
        for entry in world.entries:
            groups[(*(KEYS[key](entry) for key in keys), entry.currency)].append(entry)
        expected = {key: figures_of(entries) for key, entries in groups.items()}
        found = {
            tuple(row[key] for key in [*keys, "currency"]): {name: row[name] for name in columns}
            for columns in [figures_of([])]
            for row in rows
        }
        assert found == {key: row for key, row in expected.items() if any(row.values())}

    def test_is_what_the_clearing_account_moved_by(self, world: World) -> None:
        clearing = HouseAccount.objects.get(channel=world.channel, role="clearing", currency="CNY")
        moved = -sum(entry.amount for entry in LedgerEntry.objects.filter(house_account=clearing))

        (cny, _usd) = summary(world)

        assert cny["revenue"] == moved == Decimal("10.5")

    def test_knows_where_in_the_ledger_its_entries_stand(self, world: World) -> None:
        posted = [entry.posted_at for entry in world.entries if entry.player == world.ann.player]

        rows = summary(world, "agent")

        row = next(row for row in rows if row["agent_id"] == world.amy.pk)
        assert (row["first"], row["last"]) == (min(posted), max(posted))

    def test_begins_days_in_the_readers_zone(self, world: World) -> None:
        rows = summary(world, "day", zone="UTC", since="2026-03-01T16:00+00:00", until="2026-03-02")

        assert {str(row["day"]) for row in rows} == {"2026-03-02"}

    def test_can_be_of_one_currency(self, world: World) -> None:
        assert [row["currency"] for row in summary(world, currency="USD")] == ["USD"]


class TestScope:
    def test_shows_a_part_of_a_channel_to_those_who_see_that_part(self, world: World) -> None:
        scope = Scope(sub_channels=frozenset({world.east.pk}), partly=frozenset({world.channel.pk}))

        rows = summary(world, "sub_channel", scope=scope)

        assert [row["sub_channel_id"] for row in rows] == [world.east.pk]

    def test_refuses_somebody_elses_channel_as_if_it_did_not_exist(self, world: World) -> None:
        with pytest.raises(BadAsk, match=f"There is no channel {world.channel.pk}"):
            summary(world, scope=Scope(channels=frozenset({1})))

    def test_shows_nothing_without_a_scope(self, world: World) -> None:
        assert summary(world, "day", scope=Scope(), channel=None) == []


class TestAnImpossibleAsk:
    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ({"since": "2026-03-03"}, "ends before it begins"),
            ({"since": "2020-03-03"}, "longer than 400 days"),
            ({"zone": "Asia/Kolkata"}, "days in Asia/Kolkata do not begin with one"),
            ({"since": "2026-03-01T10:30"}, "begin and end with a whole one"),
            ({"channel": 999_999_999}, "There is no channel 999999999"),
            ({"by": ("colour",)}, "“colour” is nothing to group by"),
            ({"least": "much"}, "“much” is no amount"),
            ({"least": "NaN"}, "“NaN” is no amount"),
            ({"least": "-1"}, "“-1” is no amount"),
        ],
    )
    def test_is_refused_with_a_sentence(
        self, world: World, asked: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(BadAsk, match=message):
            summary(world, **asked)
