"""From a list to the form of an export: the filters come along, and so do permission and scope."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from tests.admin.world import World, signed_in, staff
from wallet.admin.export_links import Exportable
from wallet.admin.filters import PeriodFilter
from wallet.models import Export, StaffScope

ADD = reverse("admin:wallet_export_add")
LISTS = [
    (model, page) for model, page in admin.site._registry.items() if isinstance(page, Exportable)
]


@pytest.fixture
def fiona(world: World) -> Client:
    return signed_in(world.roles["Finance"])


def link_above(client: Client, name: str, query: str = "") -> str:
    response: Any = client.get(reverse(f"admin:{name}_changelist") + query)
    assert response.status_code == 200
    address: str = response.context_data.get("export_address", "")
    assert (address in response.content.decode().replace("&amp;", "&")) or not address
    return address


def asked(address: str) -> dict[str, list[str]]:
    found = parse_qs(urlsplit(address).query)
    for name in ("source", "since", "until"):
        del found[name]
    return found


def submit(client: Client, address: str, **more: Any) -> Any:
    """Send the form as it stands, with ``more`` filled in."""
    page: Any = client.get(address)
    form = page.context_data["form"]
    data = {name: form[name].value() for name in form.fields}
    return client.post(address, {key: value for key, value in data.items() if value} | more)


def stored() -> dict[str, Any]:
    request: dict[str, Any] = Export.objects.latest("pk").request
    return request


class TestEveryListThatCanBeExported:
    def test_is_one_of_these(self) -> None:
        assert {"ledgerentry", "player", "receivedcallback"} <= {
            model._meta.model_name for model, _page in LISTS
        }

    @pytest.mark.parametrize("page", [page for _model, page in LISTS], ids=repr)
    def test_has_no_filter_that_the_form_does_not_know(self, world: World, page: Any) -> None:
        request = RequestFactory().get("/")
        request.user = world.superuser
        specs = page.get_changelist_instance(request).filter_specs
        assert len(specs) > 2
        parameters = {
            parameter
            for spec in specs
            if not isinstance(spec, PeriodFilter)
            for parameter in spec.expected_parameters()
            if not parameter.endswith("__isnull")
        }
        periods = {spec.field_path for spec in specs if isinstance(spec, PeriodFilter)}

        assert parameters <= set(page.export_parameters)
        assert periods == set(page.export_periods)


class TestTheLedgersFilters:
    def test_come_along_into_the_form_and_the_request(self, world: World, fiona: Client) -> None:
        here = world.here
        query = (
            f"?kind__exact=bet&outcome__exact=applied&player__id__exact={here.player.pk}"
            f"&player__sub_channel__id__exact={here.sub_channel.pk}&player__agent__isnull=True"
            f"&wallet__type__type_id__exact=0&figure=stakes&game=none"
            f"&house_account__id__exact={here.entry.house_account_id}"
            "&size_from=5&size_to=12.50&occurred_at_from=2026-01-02&occurred_at_to=2026-01-03&posted_at=30d"
        )
        today = timezone.localdate()

        answer = submit(fiona, link_above(fiona, "wallet_ledgerentry", query))

        assert answer.status_code == 302
        request = stored()
        assert request["filters"] == {
            "channel": here.number,
            "sub_channel": 1,
            "agent": None,
            "player": here.player.username,
            "wallet_type": 0,
            "currency": "CNY",
            "kinds": ["bet"],
            "outcomes": ["applied"],
            "figure": "stakes",
            "game": None,
            "account": here.entry.house_account.role,
            "size_from": "5",
            "size_to": "12.50",
            "played_since": "2026-01-02",
            "played_until": "2026-01-03",
        }
        assert (request["since"], request["until"]) == (
            (today - timedelta(days=29)).isoformat(),
            today.isoformat(),
        )
        assert (request["zone"], request["columns"]) == ("Asia/Shanghai", [])

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("b-1", {"reference": ["b-1"]}),
            ("test/b-1", {"source_name": ["test"], "reference": ["b-1"]}),
            ("R-7001", {"round_code": ["R-7001"]}),
            ("Anna7001", {"player": ["anna7001"], "channel": ["7001"]}),
            ("ann", {"player": ["anna7001"], "channel": ["7001"]}),
        ],
    )
    def test_include_the_search(
        self, world: World, fiona: Client, typed: str, expected: dict[str, list[str]]
    ) -> None:
        assert asked(link_above(fiona, "wallet_ledgerentry", f"?q={typed}")) == expected

    def test_include_a_search_that_finds_several_players(self, world: World) -> None:
        address = link_above(signed_in(world.superuser), "wallet_ledgerentry", "?q=Ann")

        assert asked(address) == {"player": ["Ann*"]}

    def test_leave_out_a_day_after_which_there_is_none(self, world: World, fiona: Client) -> None:
        query = "?posted_at_from=2026-01-01&posted_at_to=9999-12-31"

        address = link_above(fiona, "wallet_ledgerentry", query)

        assert parse_qs(urlsplit(address).query)["until"] == [timezone.localdate().isoformat()]

    def test_name_nobody_out_of_sight(self, world: World, fiona: Client) -> None:
        address = link_above(
            fiona, "wallet_ledgerentry", f"?player__id__exact={world.elsewhere.player.pk}"
        )

        assert asked(address) == {"left_out": ["player"]}
        assert "narrowed by “player” too" in fiona.get(address).content.decode()


class TestOtherLists:
    def test_of_players_bring_their_filters(self, world: World, fiona: Client) -> None:
        query = f"?status__exact=locked&sub_channel__id__exact={world.here.sub_channel.pk}&q=len"

        submit(fiona, link_above(fiona, "wallet_player", query), columns=["username"])

        request = stored()
        assert (request["source"], request["columns"]) == ("players", ["username"])
        assert request["since"] == "2000-01-01"
        assert request["filters"] == {
            "channel": world.here.number,
            "sub_channel": 1,
            "search": "len",
            "statuses": ["locked"],
        }

    def test_of_callbacks_bring_their_filters(self, world: World, fiona: Client) -> None:
        query = "?attention=open&event=syncCredit&channel_number=7001&decision__exact=refused"

        submit(fiona, link_above(fiona, "callbacks_receivedcallback", query))

        request = stored()
        assert request["source"] == "inbox"
        assert request["filters"] == {
            "channel": 7001,
            "attention": "open",
            "event": "syncCredit",
            "decisions": ["refused"],
        }

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("q-7001", {"seq_no": ["q-7001"]}),
            ("anna7001", {"player": ["anna7001"]}),
            ("203.0.113.7", {"caller": ["203.0.113.7"]}),
            ("nothing", {"left_out": ["search"]}),
        ],
    )
    def test_of_callbacks_include_the_search(
        self, world: World, fiona: Client, typed: str, expected: dict[str, list[str]]
    ) -> None:
        assert asked(link_above(fiona, "callbacks_receivedcallback", f"?q={typed}")) == expected


class TestTheForm:
    def test_explains_what_makes_no_sense(self, world: World, fiona: Client) -> None:
        answer = submit(fiona, f"{ADD}?source=ledger", since="2026-02-02", until="2026-02-01")

        assert "The period ends before it begins" in answer.content.decode()
        assert not Export.objects.filter(requested_by=world.roles["Finance"]).exists()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"channel": "7002"},
            {"zone": "Mars/Base"},
            {"columns": ["colour"]},
            {"kinds": ["theft"]},
            {"wallet_type": "one"},
            {"format": "pdf"},
            {"game": "x"},
            {"since": "31.1."},
        ],
        ids=str,
    )
    def test_refuses_what_does_not_exist_or_is_anothers(
        self, world: World, fiona: Client, wrong: dict[str, Any]
    ) -> None:
        good = {"since": "2026-01-01", "until": "2026-01-31"}

        answer = submit(fiona, f"{ADD}?source=ledger", **{**good, **wrong})

        assert answer.status_code == 200
        assert set(answer.context_data["form"].errors) == set(wrong)
        assert not Export.objects.filter(requested_by=world.roles["Finance"]).exists()

    def test_speaks_the_readers_language(self, world: World, fiona: Client) -> None:
        fiona.cookies["django_language"] = "zh-hans"

        page = fiona.get(f"{ADD}?source=ledger").content.decode()
        submit(fiona, f"{ADD}?source=ledger", since="2026-01-01", until="2026-01-31")

        assert "子渠道" in page
        assert stored()["language"] == "zh-hans"

    def test_refuses_the_eleventh_export_at_a_time(self, world: World, fiona: Client) -> None:
        for _ in range(10):
            assert submit(fiona, f"{ADD}?source=ledger").status_code == 302

        answer = submit(fiona, f"{ADD}?source=ledger")

        assert "10 exports of finance have not ended yet" in answer.content.decode()
        assert Export.objects.filter(requested_by=world.roles["Finance"]).count() == 10

    def test_changes_nothing_by_being_looked_at(self, world: World, fiona: Client) -> None:
        fiona.get(f"{ADD}?source=ledger&since=2026-01-01&until=2026-01-31")

        assert not Export.objects.filter(requested_by=world.roles["Finance"]).exists()


class TestWhoMayNotExport:
    def test_sees_no_button_and_is_refused(self, world: World) -> None:
        client = signed_in(world.roles["Operations"])

        assert link_above(client, "wallet_ledgerentry") == ""
        for source in ("", "?source=ledger", "?source=players", "?source=inbox", "?source=daily"):
            assert client.get(ADD + source).status_code == 403
            assert client.post(ADD + source, {"since": "2026-01-01"}).status_code == 403
        assert not Export.objects.filter(requested_by=world.roles["Operations"]).exists()

    def test_needs_the_permission_of_the_rows_too(self, world: World) -> None:
        user = staff("half")
        user.user_permissions.add(
            *Group.objects.get(name="Finance").permissions.filter(
                codename__in=["export_ledger", "view_ledgerentry", "view_export"]
            )
        )
        StaffScope.objects.create(user=user, channel=world.here.channel)
        client = signed_in(user)

        assert client.get(f"{ADD}?source=ledger").status_code == 200
        assert client.get(f"{ADD}?source=players").status_code == 403
