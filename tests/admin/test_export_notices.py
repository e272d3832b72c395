"""Staff are told on the next page that their exports have ended, and only then."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.admin.world import World, signed_in
from wallet.models import Export

HOME = reverse("admin:index")
LIST = reverse("admin:wallet_export_changelist")


def ended(user: User, state: str = "done") -> Export:
    return Export.objects.create(
        requested_by=user, source="ledger", request={}, state=state, reason=""
    )


def said(client: Client, path: str = HOME, **headers: str) -> list[str]:
    response: Any = client.get(path, headers=headers)
    return [str(message) for message in response.context["messages"]]


def badge(client: Client, path: str = HOME) -> Any:
    response: Any = client.get(path)
    items = [item for group in response.context["sidebar_navigation"] for item in group["items"]]
    return next(item for item in items if item["link"] == LIST).get("badge")


class TestAnExportThatHasEnded:
    def test_is_told_once_with_a_way_to_it(self, world: World) -> None:
        fiona = world.roles["Finance"]
        client = signed_in(fiona)
        export = ended(fiona)

        (message,) = said(client)

        assert f"Export {export.pk} is ready: Ledger." in message
        assert reverse("admin:wallet_export_change", args=[export.pk]) in message
        assert said(client) == []

    def test_is_told_of_when_it_failed(self, world: World) -> None:
        fiona = world.roles["Finance"]
        export = ended(fiona, "failed")

        (message,) = said(signed_in(fiona))

        assert f"Export {export.pk} has failed" in message

    def test_is_counted_beside_the_menu_until_it_is_looked_at(self, world: World) -> None:
        fiona = world.roles["Finance"]
        client = signed_in(fiona)
        first = ended(fiona)
        ended(fiona, "failed")

        assert badge(client) == 2
        assert badge(client) == 2
        assert badge(client, reverse("admin:wallet_export_change", args=[first.pk])) == 1
        assert badge(client) == 1
        assert badge(client, LIST) is None
        assert badge(client) is None

    def test_waits_for_a_whole_page(self, world: World) -> None:
        fiona = world.roles["Finance"]
        client = signed_in(fiona)
        ended(fiona)

        client.get(HOME, headers={"HX-Request": "true"})

        assert len(said(client)) == 1

    def test_is_nobody_elses_news(self, world: World) -> None:
        ended(world.roles["Finance"])
        other = signed_in(world.roles["Risk"])

        assert said(other) == []
        assert badge(other) is None

    def test_is_no_news_while_it_runs(self, world: World) -> None:
        fiona = world.roles["Finance"]
        for state in ("queued", "running", "cancelled", "expired"):
            ended(fiona, state)

        assert said(signed_in(fiona)) == []

    def test_is_told_in_the_readers_language(self, world: World) -> None:
        fiona = world.roles["Finance"]
        client = signed_in(fiona)
        client.cookies["django_language"] = "zh-hans"
        export = ended(fiona)

        (message,) = said(client)

        assert f"导出 {export.pk} 已就绪：账目" in message
