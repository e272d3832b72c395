"""Paging by position: every row once, in order, from either end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from providers.models import ProvisioningJob
from tests.admin.world import Side, World
from wallet.admin.paging import Position, read_page
from wallet.models import LedgerEntry, LoginEvent, Note, Player, PlayerSession, Round
from wallet.scope import scope_of

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def events(world: World) -> list[int]:
    """Thirty logins of both channels in turn, three at each moment; newest first."""
    rows = [
        LoginEvent.objects.create(
            channel=side.channel,
            player=side.player,
            username=side.player.username,
            outcome=LoginEvent.Outcome.SUCCESS,
            event_type=4,
            address=None,
            at=START + timedelta(minutes=number // 3),
        )
        for number in range(30)
        for side in [_side(world, number)]
    ]
    return [row.pk for row in reversed(rows)]


def _logins() -> QuerySet[LoginEvent]:
    return LoginEvent.objects.filter(at__lt=START + timedelta(days=1))


def _side(world: World, number: int) -> Side:
    return world.here if number % 2 else world.elsewhere


def _lanes(world: World, many: bool) -> list[Q]:
    return [Q(channel=side.number) for side in (world.here, world.elsewhere)] if many else []


@pytest.mark.parametrize("many_lanes", [False, True])
class TestPagesOfAListWithTies:
    def test_downwards_give_every_row_once_in_order(
        self, world: World, events: list[int], many_lanes: bool
    ) -> None:
        seen: list[int] = []
        after, more = None, True
        while more:
            rows, more = read_page(
                _logins(),
                order="at",
                size=7,
                lanes=_lanes(world, many_lanes),
                after=after,
            )
            seen += [row.pk for row in rows]
            after = Position.of(rows[-1], "at")

        assert seen == events

    def test_upwards_from_the_end_give_every_row_once_in_order(
        self, world: World, events: list[int], many_lanes: bool
    ) -> None:
        lanes = _lanes(world, many_lanes)
        rows, more = read_page(_logins(), order="at", size=7, lanes=lanes, from_end=True)
        seen = [row.pk for row in rows]
        while more:
            rows, more = read_page(
                _logins(),
                order="at",
                size=7,
                lanes=lanes,
                before=Position.of(rows[0], "at"),
            )
            seen = [row.pk for row in rows] + seen

        assert seen == events


class TestListPagedByPosition:
    def test_links_to_its_neighbours_and_keeps_its_filters(
        self, world: World, events: list[int]
    ) -> None:
        client = Client()
        client.force_login(world.superuser)
        address = reverse("admin:wallet_loginevent_changelist")

        first = client.get(address + "?at_from=2026-01-01&at_to=2026-01-02")
        page = first.context["cl"].page
        second = client.get(address + page.older)
        back = client.get(address + second.context["cl"].page.newer)

        assert [row.pk for row in page.rows] == events[:25]
        assert page.newer is None
        assert "at_from=2026-01-01" in page.older
        assert [row.pk for row in second.context["cl"].page.rows] == events[25:]
        assert second.context["cl"].page.older is None
        assert [row.pk for row in back.context["cl"].page.rows] == events[:25]

    def test_sends_rubbish_positions_back_to_the_start(self, world: World) -> None:
        client = Client()
        client.force_login(world.superuser)

        for text in ("x", "2026-01-01,5", "9999999999999999999999"):
            response = client.get(
                reverse("admin:wallet_loginevent_changelist"), {"after": text}, follow=True
            )
            assert response.status_code == 200


class TestAListOverSeveralChannels:
    @pytest.mark.parametrize(
        "model", [LedgerEntry, LoginEvent, Note, Player, PlayerSession, ProvisioningJob, Round]
    )
    def test_reads_the_index_of_each_until_one_is_chosen(
        self, world: World, model: type[Model]
    ) -> None:
        page: Any = admin.site.get_model_admin(model)
        whole, narrowed, searched = (
            RequestFactory().get(f"/?{query}")
            for query in ("", f"channel__id__exact={world.here.number}", "q=anna7001")
        )

        def lanes(request: Any) -> Any:
            request.user = world.roles["Auditor"]
            return page.get_lanes(request, page.get_changelist_instance(request))

        assert len(lanes(whole)) == len(scope_of(world.roles["Auditor"]).channels)
        assert not lanes(narrowed)
        assert not lanes(searched)

    @pytest.mark.parametrize("text", ["R-7001", "b-1", "none"])
    def test_names_all_of_them_in_what_it_searches(self, world: World, text: str) -> None:
        """Their indexes begin with the channel."""
        client = Client()
        client.force_login(world.superuser)

        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:wallet_ledgerentry_changelist"), {"q": text})

        sought = [one["sql"] for one in queries if f"'{text}'" in one["sql"]]
        sought = [sql for sql in sought if 'FROM "wallet_ledgerentry"' in sql]
        assert len(sought) > 1
        assert all('"channel_id" IN' in sql for sql in sought)
