"""Players who cannot get in: the list, and letting them in again."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.admin.world import World
from wallet import throttling
from wallet.exports.sources import Request, read_request
from wallet.models import LoginEvent, Player
from wallet.scope import scope_of

LIST = reverse("admin:wallet_player_changelist")


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Risk"])
    return client


def _guess(player: Player, times: int = settings.LOGIN_FAILURES_PER_PLAYER) -> None:
    for _ in range(times):
        LoginEvent.objects.create(
            channel_id=player.channel_id,
            player=player,
            username=player.username,
            outcome=LoginEvent.Outcome.WRONG_PASSWORD,
        )


class TestTheList:
    def test_names_who_was_locked(self, world: World, client_of: Client) -> None:
        page = client_of.get(f"{LIST}?kept_out=locked").content.decode()

        assert "lena7001" in page
        assert "anna7001" not in page

    def test_names_who_guessed_too_often(self, world: World, client_of: Client) -> None:
        _guess(world.here.player)
        _guess(world.here.locked, settings.LOGIN_FAILURES_PER_PLAYER - 1)
        _guess(world.elsewhere.player)

        page = client_of.get(f"{LIST}?kept_out=guesses").content.decode()

        assert "anna7001" in page
        assert "lena7001" not in page
        assert "anna7002" not in page

    @pytest.mark.parametrize(("why", "name"), [("locked", "lena7001"), ("guesses", "anna7001")])
    def test_is_exported_as_it_is_shown(self, world: World, why: str, name: str) -> None:
        _guess(world.here.player)
        today = timezone.localdate().isoformat()

        found = read_request(
            Request("2000-01-01", today, "UTC", {"kept_out": why}, source="players"),
            scope=scope_of(world.roles["Risk"]),
        )

        assert [player.username for player in found.rows] == [name]

    def test_costs_as_many_queries_however_many_are_attacked(
        self, world: World, client_of: Client
    ) -> None:
        home = reverse("admin:index")
        client_of.get(home)
        with CaptureQueriesContext(connection) as before:
            client_of.get(home)
        for number in range(5):
            _guess(world.here.register(f"victim{number}"))

        with CaptureQueriesContext(connection) as attacked:
            client_of.get(home)

        assert throttling.shut_out(Player.objects.all()).count() == 5
        assert len(attacked) == len(before)

    def test_is_linked_from_home(self, world: World, client_of: Client) -> None:
        _guess(world.here.player)

        page = client_of.get(reverse("admin:index")).content.decode()

        assert "Players shut out after failed logins" in page
        assert "?kept_out=guesses" in page


class TestLettingIn:
    def test_forgives_the_guesses(self, world: World, client_of: Client) -> None:
        player = world.here.player
        _guess(player)

        page = client_of.post(f"/admin/wallet/player/{player.pk}/let-in/", follow=True)

        assert "can log in again" in page.content.decode()
        assert throttling.failures_of(player.pk) == 0
        assert LoginEvent.objects.filter(player=player, outcome="wrong_password").count() == (
            settings.LOGIN_FAILURES_PER_PLAYER
        )

    def test_counts_anew_from_then_on(self, world: World) -> None:
        player = world.here.player
        _guess(player)
        throttling.forgive(player)
        _guess(player, 3)

        assert throttling.failures_of(player.pk) == 3
        assert not throttling.shut_out(Player.objects.all()).exists()

        _guess(player)

        assert throttling.failures_of(player.pk) == settings.LOGIN_FAILURES_PER_PLAYER + 3
        assert list(throttling.shut_out(Player.objects.all())) == [player]

    def test_is_not_offered_without_need(self, world: World, client_of: Client) -> None:
        response = client_of.post(f"/admin/wallet/player/{world.here.player.pk}/let-in/")

        assert response.status_code == 403
        assert not LoginEvent.objects.filter(outcome="forgiven").exists()

    def test_several_at_once_unlocks_and_forgives(self, world: World, client_of: Client) -> None:
        _guess(world.here.player)
        chosen = [world.here.player.pk, world.here.locked.pk, world.elsewhere.locked.pk]

        client_of.post(
            LIST,
            {
                "action": "unlock_selected",
                "_selected_action": chosen,
                "confirmed": "1",
                "reason": "cleared",
            },
        )

        assert throttling.failures_of(world.here.player.pk) == 0
        for side, status in ((world.here, "active"), (world.elsewhere, "locked")):
            side.locked.refresh_from_db()
            assert side.locked.status == status

    def test_several_at_once_needs_the_permission(self, world: World) -> None:
        client = Client()
        client.force_login(world.roles["Finance"])

        answer = client.post(
            LIST,
            {
                "action": "unlock_selected",
                "_selected_action": [world.here.locked.pk],
                "confirmed": "1",
                "reason": "x",
            },
        )

        assert answer.status_code == 200  # the list, without any actions
        assert "unlock_selected" not in answer.content.decode()
        world.here.locked.refresh_from_db()
        assert world.here.locked.status == "locked"


class TestLockingSeveral:
    def test_locks_each_with_the_reason(self, world: World, client_of: Client) -> None:
        client_of.post(
            LIST,
            {
                "action": "lock_selected",
                "_selected_action": [world.here.player.pk],
                "confirmed": "1",
                "reason": "same device",
            },
        )

        world.here.player.refresh_from_db()
        assert world.here.player.status == "locked"
        assert world.here.player.status_reason == "same device"
