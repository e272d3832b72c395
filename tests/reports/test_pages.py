"""The pages of the reports: each figure leads to the entries that it adds up, within scope."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.reports.world import World
from tests.wallet.money import unique
from wallet.models import LedgerEntry, StaffScope, SubChannel
from wallet.reports.asking import DIMENSIONS
from wallet.reports.figures import FIGURES

PAGE = "/admin/wallet/reportline/"


def visitor(world: World, *, role: str = "", sub_channel: SubChannel | None = None) -> Client:
    user = User.objects.create(username=unique("staff")[:30], is_staff=True, is_superuser=not role)
    if role:
        user.groups.add(Group.objects.get(name=role))
        StaffScope.objects.create(user=user, channel=world.channel, sub_channel=sub_channel)
    client = Client()
    client.force_login(user)
    return client


def open_report(client: Client, world: World, name: str = "daily", **asked: Any) -> Any:
    query = {
        "since": "2026-03-01",
        "until": "2026-03-02",
        "channel": world.channel.pk,
        "by": DIMENSIONS,
        **asked,
    }
    return client.get(f"{PAGE}{name}/?{urlencode(query, doseq=True)}")


def link_in(cell: Any) -> str:
    text = str(cell)
    return (
        text.split('href="', 1)[1].split('"', 1)[0].replace("&amp;", "&") if "href" in text else ""
    )


def entries_at(client: Client, address: str) -> list[LedgerEntry]:
    response: Any = client.get(address)
    assert response.status_code == 200, response.headers
    return list(response.context_data["cl"].queryset)


class TestAFigure:
    @pytest.mark.parametrize("by", [DIMENSIONS, ("day",), ("game",), ("agent", "sub_channel"), ()])
    def test_leads_to_the_entries_that_it_adds_up(self, world: World, by: Any) -> None:
        client = visitor(world)
        page = open_report(client, world, by=by).context_data

        titles = [title for title, _right in page["headers"]]
        checked = 0
        for row in page["rows"]:
            cells = dict(zip(titles, (cell for cell, _right in row), strict=True))
            for figure in FIGURES.values():
                cell = cells[str(figure.title).capitalize()]
                if not (address := link_in(cell)):
                    assert ">0.00<" in str(cell)
                    continue
                entries = entries_at(client, address)
                total = figure.sign * sum(entry.amount for entry in entries)
                assert f">{total:,.2f}<" in str(cell), (address, cells)
                checked += 1
        assert checked >= 8

    def test_of_an_account_leads_to_its_entries(self, world: World) -> None:
        client = visitor(world)
        page = open_report(client, world, "trial_balance", until="2027-01-01").context_data

        for row in page["rows"]:
            account, balance = (cell for cell, _right in row[2:])
            total = sum(entry.amount for entry in entries_at(client, link_in(balance)))
            if account != "players' wallets":
                total = -total
            assert f">{total:,.2f}<" in str(balance)
        assert len(page["rows"]) > 8
        assert {total for *_rest, total in page["proofs"]} == {Decimal(0)}


class TestAPage:
    def test_sums_up_by_currency(self, world: World) -> None:
        page = open_report(visitor(world), world).context_data

        (cny,) = [row for row in page["sums"] if row[5][0] == "CNY"]
        assert ">10.50<" in str(cny[-4][0])
        assert len(page["charts"]) == 1  # the other currency has a single row
        axes = json.loads(page["charts"][0]["options"])["scales"]
        assert {axis["ticks"]["color"] for axis in axes.values()} == {"#7b8494"}

    def test_prints_its_time_zone_in_both_languages(self, world: World) -> None:
        client = visitor(world)
        client.cookies["timezone"] = "Asia/Tokyo"

        for language, title in (("en", "Daily summary"), ("zh-hans", "每日汇总")):
            client.cookies["django_language"] = language
            text = open_report(client, world).content.decode()
            assert title in text
            assert "Asia/Tokyo" in text

    def test_says_what_is_wrong_with_a_request(self, world: World) -> None:
        client = visitor(world)

        backwards = open_report(client, world, since="2026-03-09")
        assert "The period ends before it begins" in backwards.content.decode()
        nonsense = open_report(client, world, since="soon", by="colour", channel="x", format="csv")
        assert nonsense.status_code == 200
        assert not nonsense.context_data["downloads"]
        assert client.get(f"{PAGE}colour/").status_code == 302

    @pytest.mark.parametrize("name", ["daily", "trial_balance", "negative", "large"])
    def test_can_be_fetched_as_a_file(self, world: World, name: str) -> None:
        client = visitor(world)

        csv = open_report(client, world, name, format="csv")
        assert csv.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        assert csv.getvalue().startswith(b"\xef\xbb\xbf")
        xlsx = open_report(client, world, name, format="xlsx").getvalue()
        assert openpyxl.load_workbook(io.BytesIO(xlsx)).worksheets[0].max_column >= 4


class TestStaff:
    def test_see_their_part_of_a_channel(self, world: World) -> None:
        client = visitor(world, role="Finance", sub_channel=world.east)

        page = open_report(client, world, by=["sub_channel"], channel="").context_data

        assert [row[1][0] for row in page["rows"]] == [1]
        trial = open_report(client, world, "trial_balance", channel="").context_data
        assert trial["rows"] == []

    def test_fetch_no_more_than_they_see(self, world: World) -> None:
        client = visitor(world, role="Finance", sub_channel=world.east)

        lines = open_report(client, world, by="agent", format="csv", channel="").getvalue()

        text = lines.decode()
        assert world.amy.agent_id in text
        assert world.bob.agent_id not in text

    def test_of_operations_have_no_reports(self, world: World) -> None:
        client = visitor(world, role="Operations")

        assert open_report(client, world).status_code == 403
        assert open_report(client, world, format="csv").status_code == 403
