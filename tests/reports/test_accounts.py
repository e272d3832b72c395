"""Trial balance, negative balances and large movements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.reports.world import World
from wallet.models import EntryKind, LedgerEntry, Wallet
from wallet.reports.asking import Ask, read_ask
from wallet.reports.catalogue import REPORTS
from wallet.scope import Scope

TODAY = timezone.localdate().isoformat()


def asked(world: World, **more: Any) -> Ask:
    return read_ask(
        **{
            "scope": Scope(everything=True),
            "since": TODAY,
            "until": TODAY,
            "zone": "Asia/Shanghai",
            "channel": world.channel.pk,
            **more,
        }
    )


def part_of(world: World) -> Scope:
    return Scope(sub_channels=frozenset({world.west.pk}), partly=frozenset({world.channel.pk}))


class TestTheTrialBalance:
    def test_has_every_account_and_sums_to_zero(self, world: World) -> None:
        rows = list(REPORTS["trial_balance"].rows(asked(world)))

        found = {(row["currency"], row["account"]): row["balance"] for row in rows}
        wallets = Wallet.objects.filter(channel=world.channel)
        for currency in ("CNY", "USD"):
            held = sum(wallet.balance for wallet in wallets.filter(currency=currency))
            assert found[currency, "players' wallets"] == held
            assert sum(row["balance"] for row in rows if row["currency"] == currency) == 0
        assert found["CNY", "eBET clearing"] == Decimal("10.5")
        assert found["CNY", "tips"] == 0
        assert found["USD", "withheld stakes"] == 25

    def test_ends_with_the_moment(self, world: World) -> None:
        first = LedgerEntry.objects.filter(channel=world.channel).order_by("posted_at", "pk")[1]
        until = first.posted_at.isoformat()

        rows = REPORTS["trial_balance"].rows(asked(world, until=until))

        assert {row["account"]: row["balance"] for row in rows} == {
            "players' wallets": 1000,
            "opening balances": -1000,
        }

    def test_is_for_those_who_see_the_whole_channel(self, world: World) -> None:
        assert list(REPORTS["trial_balance"].rows(asked(world, scope=part_of(world)))) == []


class TestNegativeBalances:
    def test_are_the_wallets_below_zero_and_since_when(self, world: World) -> None:
        world.ben.post(EntryKind.CLAWBACK, "-1100")
        fall = LedgerEntry.objects.filter(wallet=world.ben.wallet).latest("sequence")
        world.ben.post(EntryKind.CLAWBACK, "-1")
        world.ann.post(EntryKind.CLAWBACK, "-3000")
        world.ann.post(EntryKind.DEPOSIT, "5000")

        (row,) = REPORTS["negative"].rows(asked(world))

        assert (row.pk, row.since) == (world.ben.wallet.pk, fall.posted_at)
        assert list(REPORTS["negative"].rows(asked(world, scope=part_of(world)))) == [row]
        east = Scope(sub_channels=frozenset({world.east.pk}), partly=frozenset({world.channel.pk}))
        assert list(REPORTS["negative"].rows(asked(world, scope=east))) == []


class TestLargeMovements:
    def test_are_the_applied_ones_either_way_by_size(self, world: World) -> None:
        rows = REPORTS["large"].rows(asked(world, least="80"))

        assert [(row.kind, row.amount) for row in rows] == [
            ("opening", 1000), ("opening", 1000), ("opening", 1000),
            ("payout", 195), ("bet", -100), ("payout", 80), ("reversal", -80),
        ]  # fmt: skip

    def test_keep_within_the_period_and_the_scope(self, world: World) -> None:
        none = asked(world, since="2026-03-01", until="2026-03-02")
        assert list(REPORTS["large"].rows(none)) == []

        rows = REPORTS["large"].rows(asked(world, least="80", scope=part_of(world)))

        assert {row.player_id for row in rows} == {world.ben.player.pk}
