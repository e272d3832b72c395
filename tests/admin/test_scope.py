"""Staff of a channel meet nothing of another one, wherever rows are named."""

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from django.urls import reverse

from tests.admin.world import World
from wallet.models import Player, StaffScope
from wallet.scope import Scope, scope_of


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Administrator"])
    return client


def _page(client: Client, name: str, query: str = "", *args: object) -> str:
    response = client.get(reverse(f"admin:{name}", args=args) + query)
    assert response.status_code == 200
    return response.content.decode()


class TestScopeOfAStaffMember:
    def test_is_everything_for_a_superuser(self, world: World) -> None:
        assert scope_of(world.superuser) == Scope(everything=True)

    def test_is_nothing_without_a_row_and_for_nobody(self, world: World) -> None:
        assert scope_of(world.stranger) == Scope()
        assert scope_of(AnonymousUser()) == Scope()

    def test_is_nothing_for_a_superuser_who_was_deactivated(self, world: World) -> None:
        world.superuser.is_active = False

        assert scope_of(world.superuser) == Scope()

    def test_keeps_a_sub_channel_apart_from_its_channel(self, world: World) -> None:
        assert scope_of(world.part) == Scope(
            sub_channels=frozenset({world.other_part.pk}),
            partly=frozenset({world.here.number}),
        )

    def test_of_the_whole_channel_swallows_its_sub_channels(self, world: World) -> None:
        StaffScope.objects.create(user=world.part, channel=world.here.channel)
        part = User.objects.get(pk=world.part.pk)

        assert scope_of(part) == Scope(channels=frozenset({world.here.number}))


class TestListsOfStaffOfAnotherChannel:
    @pytest.mark.parametrize(
        "name",
        [
            "wallet_player_changelist",
            "wallet_wallet_changelist",
            "wallet_ledgerentry_changelist",
            "wallet_adjustment_changelist",
            "wallet_hold_changelist",
            "wallet_playersession_changelist",
            "wallet_loginevent_changelist",
            "providers_provisioningjob_changelist",
            "providers_provideraccount_changelist",
            "callbacks_receivedcallback_changelist",
        ],
    )
    def test_show_their_own_player_only(self, world: World, client_of: Client, name: str) -> None:
        page = _page(client_of, name)

        assert "anna7001" in page
        assert "anna7002" not in page

    @pytest.mark.parametrize("text", ["anna7002", "b-1", "R-7002", "test/b-1"])
    def test_find_nothing_of_it_in_the_ledger(
        self, world: World, client_of: Client, text: str
    ) -> None:
        page = _page(client_of, "wallet_ledgerentry_changelist", f"?q={text}")

        assert "anna7002</" not in page

    def test_show_only_their_sub_channels_players(self, world: World) -> None:
        client = Client()
        client.force_login(world.part)
        world.here.player.sub_channel = world.other_part
        world.here.player.save()

        page = _page(client, "wallet_player_changelist")

        assert "anna7001" in page
        assert "lena7001" not in page


class TestChoicesOfStaffOfAnotherChannel:
    def test_in_filters_name_only_their_channels(self, world: World, client_of: Client) -> None:
        page = _page(client_of, "wallet_player_changelist")

        assert "Channel 7001" in page
        assert "Channel 7002" not in page

    def test_in_a_filter_typed_by_hand_name_no_foreign_player(
        self, world: World, client_of: Client
    ) -> None:
        query = f"?player__id__exact={world.elsewhere.player.pk}"

        page = _page(client_of, "wallet_ledgerentry_changelist", query)

        assert "anna7002" not in page

    def test_in_forms_offer_only_their_channels(self, world: World, client_of: Client) -> None:
        for name in ("wallet_player_add", "wallet_agent_add", "wallet_subchannel_add"):
            page = _page(client_of, name)
            assert "Channel 7001" in page
            assert "Channel 7002" not in page

    def test_by_typing_offer_only_their_agents(self, world: World, client_of: Client) -> None:
        query = "?app_label=wallet&model_name=player&field_name=agent&term=agent"

        answer = client_of.get(reverse("admin:autocomplete") + query).json()

        assert [row["id"] for row in answer["results"]] == [str(world.here.agent.pk)]

    def test_posted_by_hand_are_refused(self, world: World, client_of: Client) -> None:
        player = world.here.player
        foreign = world.elsewhere

        client_of.post(
            reverse("admin:wallet_player_change", args=[player.pk]),
            {"nickname": "x", "agent": foreign.agent.pk, "sub_channel": foreign.sub_channel.pk},
        )

        player.refresh_from_db()
        assert player.nickname == ""
        assert player.sub_channel == world.here.sub_channel

    def test_never_let_a_row_leave_the_scope(self, world: World) -> None:
        player = world.here.player
        Player.objects.filter(pk=player.pk).update(sub_channel=world.other_part)
        client = Client()
        client.force_login(world.part)

        response = client.post(
            reverse("admin:wallet_player_change", args=[player.pk]), {"nickname": "x"}
        )

        player.refresh_from_db()
        assert response.status_code == 403
        assert player.sub_channel == world.other_part

    def test_of_a_selection_leave_foreign_rows_alone(self, world: World, client_of: Client) -> None:
        adjustment = world.elsewhere.adjustment

        client_of.post(
            reverse("admin:wallet_adjustment_changelist"),
            {
                "action": "approve_selected",
                "_selected_action": adjustment.pk,
                "confirmed": "1",
                "comment": "",
            },
        )

        adjustment.refresh_from_db()
        assert adjustment.state == "proposed"
        assert not adjustment.decisions.exists()


class TestLookupsTypedByHand:
    @pytest.mark.parametrize(
        ("name", "query"),
        [
            ("wallet_player_changelist", "?password__startswith=a"),
            ("wallet_ledgerentry_changelist", "?player__password__startswith=a"),
            ("auth_user_changelist", "?password__startswith=a"),
            ("wallet_agent_changelist", "?api_password__startswith=a"),
            ("wallet_player_changelist", "?channel__keys__private_pem__startswith=a"),
        ],
    )
    def test_cannot_guess_secrets(
        self, world: World, client_of: Client, name: str, query: str
    ) -> None:
        response = client_of.get(reverse(f"admin:{name}") + query)

        assert response.status_code == 400
