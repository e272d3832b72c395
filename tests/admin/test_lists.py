"""The big lists: what filters and searches find, what is counted, and what is given up."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from providers.models import ProviderTransfer, ProvisioningJob
from tests.admin.world import World, staff
from wallet.admin.patience import at_most
from wallet.models import Adjustment, EntryKind, LedgerEntry, StaffScope

LEDGER = reverse("admin:wallet_ledgerentry_changelist")
# Lists that can be searched for players.
SEARCHED = (
    "wallet_ledgerentry",
    "wallet_player",
    "wallet_wallet",
    "wallet_playersession",
    "wallet_loginevent",
    "wallet_adjustment",
    "wallet_note",
    "wallet_round",
    "providers_provisioningjob",
    "providers_provideraccount",
    "providers_providertransfer",
    "callbacks_receivedcallback",
)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a count of ten rows may take as long as one of ten thousand."""
    monkeypatch.setattr("wallet.admin.keyset.COUNT_SECONDS", 5)


def _list(user: User, address: str, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    response: Any = client.get(address + query)
    assert response.status_code == 200, response.headers
    return response.context["cl"]


def _amounts(user: User, query: str) -> list[Decimal]:
    return [entry.requested for entry in _list(user, LEDGER, query).result_list]


class TestTheAmountsFilter:
    @pytest.fixture
    def risk(self, world: World) -> User:
        world.here.post(EntryKind.DEPOSIT, "5000", "large-1")
        world.here.post(EntryKind.WITHDRAWAL, "-2000", "large-2")
        return world.roles["Risk"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("?size_from=1000", [-2000, 5000]),
            ("?size_from=2000&size_to=2000", [-2000]),
            ("?size_from=2000.01", [5000]),
            ("?size_to=10", [-5, -10]),
            ("?size_from=5&size_to=10", [-5, -10]),
            ("?size_from=6000", []),
        ],
    )
    def test_finds_movements_either_way(self, risk: User, query: str, expected: list[int]) -> None:
        assert _amounts(risk, query) == expected

    def test_ignores_what_is_no_amount(self, risk: User) -> None:
        whole = _amounts(risk, "")

        assert len(whole) > 4
        assert _amounts(risk, "?size_from=x&size_to=-5") == whole


class TestSumsAboveAList:
    @pytest.mark.parametrize(
        ("listing", "query", "expected"),
        [
            (
                "wallet_ledgerentry",
                "?size_from=1000",
                [("CNY", ["5,000.00", "-2,000.00", "3,000.00"])],
            ),
            ("wallet_wallet", "?q=anna7001", [("CNY", ["85.00", "5.00"])]),
            ("providers_providertransfer", "?created_at=all", [("CNY", ["70.00", "30.00"])]),
            ("wallet_adjustment", "?created_at=all", [("CNY", ["8.00"])]),
            ("wallet_wallet", "?q=nobody", []),
            ("wallet_player", "", []),
        ],
    )
    def test_are_those_of_the_filtered_rows(
        self, world: World, listing: str, query: str, expected: list[Any]
    ) -> None:
        _transfers(world)
        _adjustments(world)
        if listing == "wallet_ledgerentry":
            world.here.post(EntryKind.DEPOSIT, "5000", "large-1")
            world.here.post(EntryKind.WITHDRAWAL, "-2000", "large-2")

        changelist = _list(world.roles["Finance"], reverse(f"admin:{listing}_changelist"), query)

        found = [
            (currency, [re.sub("<.*?>", "", str(total)) for _label, total in columns])
            for currency, columns in changelist.sums
        ]
        assert found == expected

    def test_are_said_to_be_too_many_beyond_the_cap(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wallet.admin.keyset.COUNT_CAP", 1)
        client = Client()
        client.force_login(world.roles["Finance"])

        page = client.get(reverse("admin:wallet_wallet_changelist")).content.decode()

        assert "Totals are shown for up to 1 rows: narrow the range." in page


class TestEveryList:
    @pytest.mark.parametrize("page", admin.site._registry.values(), ids=str)
    def test_fetches_with_its_rows_what_it_says_that_it_does(self, world: World, page: Any) -> None:
        """Django looks at list_select_related only where the queryset has none of its own."""
        request = RequestFactory().get("/")
        request.user = world.superuser

        if page.list_select_related:
            assert page.get_queryset(request).query.select_related is False

    def test_that_adds_nothing_up_speaks_of_no_totals(self, world: World, client: Client) -> None:
        client.force_login(world.superuser)
        page = client.get(reverse("admin:providers_target_changelist")).content.decode()
        assert "Totals are shown" not in page


def _transfers(world: World) -> None:
    """Sent 70, taken back 30; what was not carried out or is open moved nothing."""
    sample = ProviderTransfer.objects.get(channel=world.here.channel)
    state, direction = ProviderTransfer.State, ProviderTransfer.Direction
    for number, (way, amount, outcome) in enumerate(
        [
            (direction.FUND, 70, state.SETTLED),
            (direction.TAKE_BACK, 30, state.SETTLED),
            (direction.FUND, 500, state.RELEASED),
            (direction.FUND, 900, state.OPEN),
        ]
    ):
        job = sample.job
        job.pk = None
        job.kind = ProvisioningJob.Kind(way)
        job.save()
        sample.pk, sample.job, sample.order_id = None, job, f"sum-{number}"
        sample.direction, sample.amount, sample.state = way, Decimal(amount), outcome
        sample.finished_at = None if outcome == state.OPEN else timezone.now()
        sample.save()


def _adjustments(world: World) -> None:
    sample = Adjustment.objects.get(channel=world.here.channel)
    for amount, outcome in (("8", "posted"), ("300", "rejected"), ("5000", "proposed")):
        sample.pk, sample.amount, sample.state = None, Decimal(amount), outcome
        sample.save()


class TestAnAddressWithNul:
    """Which no text of the database can hold."""

    @pytest.mark.parametrize(
        "query", ["q=%00", "kind__exact=%00", "round_code__exact=a%00b", "event=%00", "x=1&x=%00"]
    )
    def test_is_no_request_for_any_list(self, world: World, query: str) -> None:
        client = Client()
        client.force_login(world.superuser)
        pages = [
            *(reverse(f"admin:{listing}_changelist") for listing in SEARCHED),
            "/admin/autocomplete/",
            "/admin/wallet/agent/tree/",
        ]

        for page in pages:
            assert client.get(f"{page}?{query}").status_code == 400, page

    def test_is_none_where_a_term_is_completed(self, world: World) -> None:
        client = Client()
        client.force_login(world.superuser)
        query = "app_label=wallet&model_name=ledgerentry&field_name=player&term="

        assert client.get(f"/admin/autocomplete/?{query}anna").status_code == 200
        assert client.get(f"/admin/autocomplete/?{query}%00").status_code == 400


class TestReadingWithPatience:
    def test_gives_up_what_takes_too_long_and_lets_go_of_the_limit(self, world: World) -> None:
        def sleep(seconds: float) -> str:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(%s)", [seconds])
            return "slept"

        def limits() -> list[str]:
            with connection.cursor() as cursor:
                names = ("statement_timeout", "max_parallel_workers_per_gather")
                return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]

        before = limits()
        began = time.monotonic()
        given_up = at_most(0.05, lambda: sleep(5))

        assert given_up is None
        assert time.monotonic() - began < 3
        assert limits() == before
        assert at_most(5, limits) == ["5s", "0"]
        assert limits() == before
        assert at_most(5, lambda: sleep(0.01)) == "slept"

    def test_shows_the_page_though_its_rows_were_not_counted(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def without_counting(seconds: float, read: Any) -> Any:
            return None if getattr(read, "__name__", "") == "count_rows" else read()

        monkeypatch.setattr("wallet.admin.keyset.at_most", without_counting)

        changelist = _list(world.roles["Risk"], LEDGER)

        assert changelist.page.count is None
        assert changelist.result_list


class TestSearchingForPlayers:
    @pytest.mark.parametrize("listing", SEARCHED)
    def test_never_looks_inside_of_words(self, world: World, listing: str) -> None:
        address = reverse(f"admin:{listing}_changelist")
        client = Client()
        client.force_login(world.superuser)

        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(address, {"q": "nna70"})

        assert not [query for query in queries.captured_queries if "'%" in query["sql"]]
        assert not _list(world.superuser, address, "?q=nna70").result_list

    @pytest.mark.parametrize("listing", [name for name in SEARCHED if name != "wallet_round"])
    @pytest.mark.parametrize("text", ["anna7001", "ANNA7001"])
    def test_finds_the_rows_of_a_username(self, world: World, listing: str, text: str) -> None:
        found = _list(world.superuser, reverse(f"admin:{listing}_changelist"), f"?q={text}")

        assert found.result_list

    def test_stays_within_scope(self, world: World) -> None:
        for listing in SEARCHED:
            address = reverse(f"admin:{listing}_changelist")
            found = _list(world.roles["Administrator"], address, "?q=anna7002")
            assert found.result_list == [], listing


class TestStaffOfSubChannels:
    def test_see_the_entries_of_their_players_page_by_page(self, world: World) -> None:
        member = staff("partial", role="Auditor")
        StaffScope.objects.create(
            user=member, channel=world.here.channel, sub_channel=world.here.sub_channel
        )
        mine = LedgerEntry.objects.filter(player__sub_channel=world.here.sub_channel)

        first = _list(member, LEDGER, "?posted_at=all")

        expected = list(mine.order_by("-posted_at", "-pk").values_list("pk", flat=True))
        assert [entry.pk for entry in first.result_list] == expected[:25]
        assert first.page.count == len(expected)

    def test_of_several_channels_see_both_parts(self, world: World) -> None:
        member = staff("partial", role="Auditor")
        StaffScope.objects.create(
            user=member, channel=world.here.channel, sub_channel=world.here.sub_channel
        )
        StaffScope.objects.create(user=member, channel=world.elsewhere.channel)

        found = _list(member, LEDGER, "?posted_at=all").result_list

        assert {entry.channel_id for entry in found} == {world.here.number, world.elsewhere.number}

    def test_see_nothing_of_an_agent_elsewhere(self, world: World) -> None:
        query = f"?posted_at=all&player__agent__id__exact={world.elsewhere.agent.pk}"

        assert _list(world.part, LEDGER, query).result_list == []
