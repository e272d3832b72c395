"""The hourly totals: exactly the ledger's entries, told apart as reports need them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.reports.world import BACCARAT, FIRST_DAY, SECOND_DAY, SLOT, World, game_of
from tests.wallet.money import connect, finish_transactions
from wallet import totals, verification
from wallet.models import ActivePlayer, EntryKind, HourlyTotal, LedgerEntry


def key_of(entry: LedgerEntry) -> tuple[Any, ...]:
    hour = entry.occurred_at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return (
        hour,
        entry.currency,
        entry.kind,
        entry.reverses.kind if entry.reverses else "",
        game_of(entry),
        entry.player.sub_channel_id,
        entry.player.agent_id,
    )


class TestTheTotals:
    def test_are_the_entries_of_the_ledger(self, world: World) -> None:
        amounts: dict[Any, Decimal] = defaultdict(Decimal)
        counts: Counter[Any] = Counter()
        for entry in world.entries:
            amounts[key_of(entry)] += entry.amount
            counts[key_of(entry)] += 1

        rows = HourlyTotal.objects.filter(channel=world.channel).exclude(kind="opening")

        found = {
            (t.hour, t.currency, t.kind, t.reversed_kind, t.game, t.sub_channel_id, t.agent_id): (
                t.entries,
                t.amount,
            )
            for t in rows
        }
        assert found == {key: (counts[key], amounts[key]) for key in counts}

    def test_grow_by_what_comes_later(self, world: World) -> None:
        before = HourlyTotal.objects.get(
            channel=world.channel, kind="bet", agent=world.amy, game=BACCARAT, hour=FIRST_DAY
        )
        world.bet(world.ann, "-1", FIRST_DAY + timedelta(minutes=59), BACCARAT, "a-5")
        finish_transactions()

        totals.roll_up()

        after = HourlyTotal.objects.get(pk=before.pk)
        assert (after.entries, after.amount) == (before.entries + 1, before.amount - 1)
        assert after.first_posted_at == before.first_posted_at
        assert after.last_posted_at > before.last_posted_at

    def test_stay_with_the_agent_who_had_the_player(self, world: World) -> None:
        world.ann.player.agent = world.bob
        world.ann.player.save()
        world.bet(world.ann, "-1", SECOND_DAY, BACCARAT, "a-5")
        finish_transactions()

        totals.roll_up()

        bets = HourlyTotal.objects.filter(channel=world.channel, kind="bet")
        assert sorted(bets.filter(agent=world.amy).values_list("amount", flat=True)) == [
            Decimal(-100),
            Decimal("-50.5"),
            Decimal(-30),
        ]
        assert bets.get(agent=world.bob, hour=SECOND_DAY).amount == -1

    def test_leave_out_what_an_open_transaction_may_still_add(self, world: World) -> None:
        with connect("backoffice_owner") as connection:
            connection.autocommit = False
            connection.execute(
                "SELECT ledger_post(%s::bigint, 'deposit', 1::numeric, 'open', 'o-1')",
                [world.ann.wallet.pk],
            )
            totals.roll_up()
            deposits = HourlyTotal.objects.filter(channel=world.channel, kind="deposit")
            assert not deposits.exists()
            connection.commit()
        finish_transactions()

        totals.roll_up()

        assert [total.amount for total in deposits] == [1]

    @pytest.mark.parametrize(
        ("written", "game"),
        [("5", 5), (5, 5), (-1, -1), ("x", None), (None, None), (1.5, None), ([5], None)],
    )
    def test_read_the_game_however_it_is_written(
        self, world: World, written: Any, game: int | None
    ) -> None:
        at = SECOND_DAY + timedelta(days=3)
        world.ann.post(
            EntryKind.BET, "-1", reference="g", occurred_at=at, detail={"tableType": written}
        )
        finish_transactions()

        totals.roll_up()

        assert HourlyTotal.objects.get(channel=world.channel, hour=at).game == game


class TestActivePlayers:
    def test_are_those_who_staked_in_the_hour(self, world: World) -> None:
        rows = ActivePlayer.objects.filter(channel=world.channel)

        assert set(rows.values_list("hour", "player", "game", "agent")) == {
            (FIRST_DAY, world.ann.player.pk, BACCARAT, world.amy.pk),
            (FIRST_DAY + timedelta(hours=1), world.ann.player.pk, SLOT, world.amy.pk),
            (SECOND_DAY, world.ann.player.pk, BACCARAT, world.amy.pk),
            (FIRST_DAY, world.ben.player.pk, BACCARAT, world.bob.pk),
            (SECOND_DAY, world.ben.player.pk, None, world.bob.pk),
            (SECOND_DAY, world.una.player.pk, SLOT, None),
        }


class TestFiguresOfTheHomePage:
    def test_count_what_was_taken_back_where_it_was_made(self, world: World) -> None:
        found = totals.by_channel(
            HourlyTotal.objects.filter(channel=world.channel), since=FIRST_DAY
        )

        assert found[world.channel.pk, "CNY"] == totals.Figures(
            bets=4,  # 100, 50.5, 30 and 40
            stakes=Decimal("200.5"),  # with the fee of 12 - 2; the bet of 30 was refunded
            winnings=Decimal(190),  # 195 + 80 - 80 - 5
            deposits=Decimal(0),
            withdrawals=Decimal(0),
        )
        assert found[world.channel.pk, "USD"].revenue == 60

    def test_are_told_apart_by_day_of_the_readers_zone(self, world: World) -> None:
        found = totals.by_day(
            HourlyTotal.objects.filter(channel=world.channel),
            since=FIRST_DAY,
            zone=ZoneInfo("Asia/Shanghai"),
        )

        assert {
            (str(day), currency): row.revenue for (day, currency), row in found.items() if row.bets
        } == {
            ("2026-03-01", "CNY"): Decimal("-84.5"),
            ("2026-03-02", "CNY"): Decimal(95),
            ("2026-03-02", "USD"): Decimal(60),
        }


@pytest.fixture
def superuser() -> Iterator[psycopg.Connection[Any]]:
    with connect("postgres") as connection:
        yield connection


def differences() -> list[str]:
    checks = {row["check"]: row["first"] for row in verification.verify().report["checks"]}
    found: list[str] = checks[verification.TOTALS]
    return found


class TestTheProof:
    def test_finds_nothing_in_sound_totals(self, world: World) -> None:
        world.bet(world.ann, "-1", FIRST_DAY, BACCARAT, "a-5")  # above the mark

        assert differences() == []

    @pytest.mark.parametrize(
        ("change", "undo", "said"),
        [
            ("amount = amount + 1", "amount = amount - 1", "0 entries and -1.0000"),
            ("entries = entries + 1", "entries = entries - 1", "-1 entries and 0.0000"),
        ],
    )
    def test_finds_a_total_that_was_changed(
        self,
        world: World,
        superuser: psycopg.Connection[Any],
        change: str,
        undo: str,
        said: str,
    ) -> None:
        total = HourlyTotal.objects.get(channel=world.channel, kind="tip")
        statement = "UPDATE wallet_hourlytotal SET {} WHERE id = {}"
        superuser.execute(statement.format(change, total.pk).encode())
        try:
            found = differences()
        finally:
            superuser.execute(statement.format(undo, total.pk).encode())

        assert found == [
            f"channel {world.channel.pk}, CNY, tip: {said} are in the ledger and in no total"
        ]
        assert differences() == []

    def test_is_left_out_of_a_scoped_run(self, world: World) -> None:
        run = verification.verify(channel_id=world.channel.pk)

        assert verification.TOTALS not in [row["check"] for row in run.report["checks"]]
