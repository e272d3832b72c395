"""The home page: what the ledger adds up to today, for whoever looks, and what waits for them."""

from __future__ import annotations

import json
import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from callbacks.models import ReceivedCallback
from tests.reports.test_pages import visitor
from tests.reports.world import BACCARAT, SLOT, World
from tests.wallet.money import finish_transactions
from wallet import totals
from wallet.models import EntryKind, PlayerSession

# Stakes, winnings, deposits and players of a channel's day, from the ledger itself.
BY_HAND = """
    SELECT e.currency, count(*) FILTER (WHERE kind = 'bet'),
           coalesce(-sum(amount) FILTER (WHERE kind = 'bet'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'payout'), 0),
           coalesce(sum(amount) FILTER (WHERE kind = 'deposit'), 0),
           count(DISTINCT player_id) FILTER (WHERE kind = 'bet')
      FROM wallet_ledgerentry e JOIN wallet_player p ON p.id = e.player_id
     WHERE e.channel_id = %s AND outcome = 'applied' AND occurred_at >= %s
           AND (%s::bigint IS NULL OR p.sub_channel_id = %s)
     GROUP BY e.currency ORDER BY e.currency
"""


@pytest.fixture
def today(world: World) -> World:
    """A day on which everybody plays, and somebody in each sub-channel and none is on line."""
    cache.clear()
    now = timezone.now()
    world.bet(world.ann, "-10", now, BACCARAT, "today-1")
    world.bet(world.ann, "-7.5", now, SLOT, "today-2")
    world.move(world.ann, EntryKind.PAYOUT, "30", now, BACCARAT)
    world.bet(world.ben, "-20", now, BACCARAT, "today-3")
    world.move(world.ben, EntryKind.DEPOSIT, "100", now)
    world.bet(world.una, "-3", now, SLOT, "today-4")
    for player in world.players():
        PlayerSession.objects.create(
            channel=world.channel, player=player, digest=player.username.encode(), last_used_at=now
        )
    finish_transactions()
    totals.roll_up()
    return world


def _rows(client: Client, world: World) -> dict[str, list[str]]:
    """What the table says of the channel, by currency."""
    page: Any = client.get(reverse("admin:index"))
    rows = ([re.sub(r"<[^>]+>", "", str(cell)) for cell in row]
            for row in page.context["today"]["rows"])  # fmt: skip
    return {row[1]: row for row in rows if row[0].startswith(str(world.channel))}


def _by_hand(world: World, part: int | None = None) -> dict[str, list[Any]]:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [world.channel.pk, midnight, part, part])
        return {row[0]: list(row[1:]) for row in cursor.fetchall()}


def _numbers(row: list[str]) -> list[Decimal]:
    """Bets, stakes, winnings, deposits and active players of a row."""
    cells = [row[number] for number in (2, 3, 4, 6, 8)]
    return [Decimal(cell.replace(",", "")) for cell in cells]


class TestTodaysFigures:
    def test_are_what_the_ledger_adds_up_to(self, today: World) -> None:
        rows = _rows(visitor(today), today)

        by_hand = _by_hand(today)
        assert set(rows) == set(by_hand) == {"CNY", "USD"}
        assert {currency: _numbers(row) for currency, row in rows.items()} == by_hand
        assert rows["CNY"][5] == "+7.50"  # 37.50 staked, 30 won
        assert rows["CNY"][9] == "3"  # on line, in whichever currency

    def test_of_a_sub_channel_are_those_of_its_players(self, today: World) -> None:
        rows = _rows(visitor(today, role="Finance", sub_channel=today.east), today)

        assert list(rows) == ["CNY"]
        assert rows["CNY"][0] == f"{today.channel} · {today.east}"
        assert _numbers(rows["CNY"]) == _by_hand(today, today.east.pk)["CNY"]
        assert rows["CNY"][5] == "-12.50"
        assert rows["CNY"][9] == "1"

    def test_say_nothing_of_callbacks_where_only_a_part_is_seen(self, today: World) -> None:
        whole = _rows(visitor(today, role="Finance"), today)
        part = _rows(visitor(today, role="Finance", sub_channel=today.east), today)

        assert whole["CNY"][10:] == ["0", "0"]
        assert part["CNY"][10:] == ["0", "—"]

    def test_count_the_callbacks_that_were_refused(self, today: World) -> None:
        for decision in ("refused", "failed", "applied"):
            ReceivedCallback.objects.create(
                event="increaseCredit",
                channel_number=today.channel.pk,
                request="{}",
                answer="{}",
                status=0,
                decision=decision,
                microseconds=1,
                received_at=timezone.now(),
            )

        assert _rows(visitor(today), today)["CNY"][11] == "2"

    def test_show_a_channel_without_play(self, world: World) -> None:
        cache.clear()

        rows = _rows(visitor(world, role="Finance"), world)

        assert _numbers(rows["CNY"]) == [0, 0, 0, 0, 0]

    def test_are_for_those_who_may_see_the_ledger(self, today: World) -> None:
        client = visitor(today, role="Finance")
        group = client.get(reverse("admin:index")).wsgi_request.user.groups.get()
        permission = group.permissions.get(codename="view_ledgerentry")
        group.permissions.remove(permission)
        try:
            page: Any = client.get(reverse("admin:index"))
        finally:
            group.permissions.add(permission)

        assert page.context["today"] is None
        assert page.context["charts"] == []


class TestTheCharts:
    def _days(self, client: Client) -> dict[str, list[float]]:
        page: Any = client.get(reverse("admin:index"))
        charts = {chart["currency"]: json.loads(chart["data"]) for chart in page.context["charts"]}
        revenue = charts["CNY"]["datasets"][2]["data"]
        return dict(zip(charts["CNY"]["labels"], revenue, strict=True))

    def test_have_thirty_days_and_add_up_what_is_over_once(self, today: World) -> None:
        yesterday = timezone.now() - timedelta(days=1)
        today.bet(today.ann, "-4", yesterday, BACCARAT, "yesterday-1")
        finish_transactions()
        totals.roll_up()
        client = visitor(today, role="Finance")

        days = self._days(client)
        today.bet(today.ann, "-1", timezone.now(), BACCARAT, "today-5")
        today.bet(today.ann, "-1", yesterday, BACCARAT, "yesterday-2")
        finish_transactions()
        totals.roll_up()
        later = self._days(client)

        dates = [f"{timezone.localdate() - timedelta(days=n):%m-%d}" for n in (0, 1)]
        assert len(days) == 30
        assert [days[day] for day in dates] == [7.5, 4]
        assert [later[day] for day in dates] == [8.5, 4]

    def test_of_a_sub_channel_are_its_own(self, today: World) -> None:
        whole = self._days(visitor(today, role="Finance"))
        part = self._days(visitor(today, role="Finance", sub_channel=today.east))

        day = f"{timezone.localdate():%m-%d}"
        assert (whole[day], part[day]) == (7.5, -12.5)
