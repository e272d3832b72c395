"""Actions on several rows: what is shown, what is confirmed, and how many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.world import World
from wallet import players
from wallet.models import Player

LIST = reverse("admin:wallet_player_changelist")


@pytest.fixture
def client_of(world: World) -> Client:
    for number in range(30):
        world.here.register(f"bulk{number:02}")
    client = Client()
    client.force_login(world.roles["Operations"])
    return client


def _lock(client: Client, chosen: list[Player], **data: str) -> Any:
    ids = [player.pk for player in chosen]
    choice = {"action": "lock_selected", "_selected_action": ids, **data}
    return client.post(f"{LIST}?q=bulk", choice, follow=True)


def _locked() -> set[str]:
    found = Player.objects.filter(username__startswith="bulk", status=Player.Status.LOCKED)
    return set(found.values_list("username", flat=True))


class TestAllRowsOfAList:
    def test_are_named_on_the_page_that_asks(self, world: World, client_of: Client) -> None:
        first = [Player.objects.get(username="bulk00")]

        page = _lock(client_of, first, select_across="1")

        assert len(page.context["rows"]) == 30
        assert _locked() == set()

    @pytest.mark.parametrize("across", ["1", "on", "true"])
    def test_are_not_meant_by_who_was_not_shown_them(
        self, world: World, client_of: Client, across: str
    ) -> None:
        chosen = [Player.objects.get(username="bulk07")]

        _lock(client_of, chosen, select_across=across, confirmed="1", reason="same device")

        assert _locked() == {"bulk07"}

    def test_are_refused_beyond_what_a_page_can_name(
        self, world: World, client_of: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("wallet.admin.bulk.MOST", 29)
        everybody = list(Player.objects.filter(username__startswith="bulk"))

        answers = [
            _lock(client_of, everybody[:1], select_across="1"),
            _lock(client_of, everybody, confirmed="1", reason="same device"),
        ]

        for page in answers:
            assert "Choose at most 29 rows at once." in page.content.decode()
        assert _locked() == set()

        _lock(client_of, everybody[:29], confirmed="1", reason="same device")

        assert len(_locked()) == 29


class TestWhatCameOfTheRows:
    def test_is_one_message(self, world: World, client_of: Client) -> None:
        everybody = list(Player.objects.filter(username__startswith="bulk"))

        page = _lock(client_of, everybody, confirmed="1", reason="same device")

        assert _told(page) == [("success", "Lock: 30 done.<br>locked (30)")]
        assert "Lock: 30 done.<br>locked (30)" in page.content.decode()

    def test_names_what_was_refused_and_why(self, world: World, client_of: Client) -> None:
        closed, *others = Player.objects.filter(username__startswith="bulk").order_by("pk")[:3]
        players.close(player=closed, reason="asked for it")

        page = _lock(client_of, [closed, *others], confirmed="1", reason="same device")

        [(level, told)] = _told(page)
        lines = told.split("<br>")
        assert (level, lines[:3]) == ("error", ["Lock: 2 done.", "locked (2)", "1 refused:"])
        assert len(lines) == 4
        assert lines[3].startswith("bulk00 · closed: ")
        assert _locked() == {"bulk01", "bulk02"}

    def test_names_at_most_twenty_refusals(self, world: World, client_of: Client) -> None:
        everybody = list(Player.objects.filter(username__startswith="bulk"))
        Player.objects.filter(username__startswith="bulk").update(status=Player.Status.CLOSED)

        page = _lock(client_of, everybody, confirmed="1", reason="same device")

        [(level, told)] = _told(page)
        lines = told.split("<br>")
        assert (level, lines[:2]) == ("error", ["Lock: 0 done.", "30 refused:"])
        assert lines[22:] == ["and 10 more"]
        assert _locked() == set()


def _told(page: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in page.context["messages"]]
