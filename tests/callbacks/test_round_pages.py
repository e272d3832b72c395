"""The pages of rounds: the story of one, told in order, and the list."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from callbacks.parsing import Number
from tests.callbacks.test_rounds import entry, refund
from tests.callbacks.world import World


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    user, _ = User.objects.get_or_create(
        username="root", defaults={"is_staff": True, "is_superuser": True}
    )
    client.force_login(user)
    return client


def page(client: Client, world: World, seq_no: str) -> str:
    address = reverse("admin:wallet_round_change", args=[entry(world, seq_no).pk])
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.content.decode()


class TestPageOfARound:
    def test_tells_bets_and_payouts_with_the_running_result(
        self, world: World, client: Client
    ) -> None:
        world.move(1, "-80", "b-1")
        world.move(1, "-80", "b-1")
        world.move(2, "120.5", "p-1")
        world.received("p-1")

        text = page(client, world, "p-1")

        assert "+40.50" in text
        assert "Repeats of its message: 1." in text
        assert text.count(">increaseCredit<") == 2
        assert text.index("b-1") < text.index("p-1")

    def test_leads_from_any_entry_to_one_address(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1")
        world.move(2, "0", "p-1")
        address = reverse("admin:wallet_round_change", args=[entry(world, "p-1").pk])

        response = client.get(address)

        assert response.status_code == 302
        assert response["Location"] == address.replace(
            str(entry(world, "p-1").pk), str(entry(world, "b-1").pk)
        )

    def test_reads_the_story_once(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1", round_code=f"BP-{world.channel.pk}")

        with CaptureQueriesContext(connection) as queries:
            page(client, world, "b-1")

        of_code = f"\"round_code\" IN ('BP-{world.channel.pk}')"
        assert len([one for one in queries if of_code in one["sql"]]) == 1

    def test_shows_messages_that_left_no_entry(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1")
        world.move(1, "-81", "b-1")
        world.move(28, "5", "r-1", detail={"withHoldingSeqNo": "nope"})
        refund(world, "rf-1", ("b-1", "-81"))
        world.received("rf-1")

        text = page(client, world, "b-1")

        assert "refused 4025" in text
        assert "same seqNo, other content" in text
        assert "refused 208" in text
        assert "b-1: the amount differs." in text

    def test_says_why_bets_were_refunded(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1")
        refund(world, "rf-1", ("b-1", "-80"))
        world.switch(refund_mode="self")
        world.move(1, "-5", "b-2")
        failed = {"betList": [{"seqNo": "b-2", "betMoney": Number("0")}]}
        world.move(1, "-6", "b-3")
        world.move(2, "9", "p-1", detail=failed)

        text = page(client, world, "b-1")

        assert "eBET asked for b-1 back in message rf-1." in text
        assert "We refunded b-2 by ourselves: payout p-1 called it failed." in text

    def test_shows_what_came_too_early_or_too_late(self, world: World, client: Client) -> None:
        refund(world, "rf-1", ("b-0", "-80"))
        world.move(1, "-80", "b-1")
        world.move(2, "0", "p-1")
        world.move(37, "3", "c-1")

        world.move(1, "-80", "b-0")
        world.received("b-0")

        text = page(client, world, "b-1")

        assert "refused 209" in text
        assert "A refund came for a bet that is not here." in text
        assert "Nothing was won." in text
        assert "Came after the payout." in text

    def test_names_the_others_at_the_table(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1")
        world.move(1, "-5", "o-1", username="otto11", currency="USD", sessionToken="s-1-otto11")

        assert ">otto11<" in page(client, world, "b-1")


class TestListOfRounds:
    def _list(self, client: Client, query: str) -> list[str]:
        response: Any = client.get(reverse("admin:wallet_round_changelist") + query)
        assert response.status_code == 200
        return [row.reference for row in response.context["cl"].result_list]

    def test_is_searched_by_code_seq_no_and_username(self, world: World, client: Client) -> None:
        code = f"BP-{world.channel.pk}"
        world.move(1, "-80", f"b-{code}", round_code=code)
        world.move(2, "9", f"p-{code}", round_code=code)

        assert self._list(client, f"?q={code}") == [f"b-{code}"]
        assert self._list(client, f"?q=p-{code}") == [f"b-{code}"]
        assert self._list(client, f"?q=nobody-{code}") == []

    def test_is_searched_in_the_channels_that_the_indexes_begin_with(
        self, world: World, client: Client
    ) -> None:
        world.move(1, "-80", "b-1", round_code=f"BP-{world.channel.pk}")

        with CaptureQueriesContext(connection) as queries:
            assert self._list(client, f"?q=BP-{world.channel.pk}") == ["b-1"]
            assert self._list(client, f"?q=none-{world.channel.pk}") == []

        sought = [one["sql"] for one in queries if f"-{world.channel.pk}'" in one["sql"]]
        sought = [sql for sql in sought if 'FROM "wallet_ledgerentry"' in sql]
        assert len(sought) >= 4
        assert all('"channel_id" IN' in sql or '"channel_id" =' in sql for sql in sought)

    def test_is_filtered_by_state_and_player(self, world: World, client: Client) -> None:
        player = world.players["lily08"].pk
        world.move(1, "-80", "b-1")
        world.move(1, "-80", "b-2", round_code="S")
        world.move(2, "0", "p-2", round_code="S")

        assert self._list(client, f"?player__id__exact={player}") == ["b-2", "b-1"]
        assert self._list(client, f"?player__id__exact={player}&state=open") == ["b-1"]

    def test_shows_what_a_round_adds_up_to(self, world: World, client: Client) -> None:
        world.move(1, "-80", "b-1")
        world.move(2, "120.5", "p-1")
        address = reverse("admin:wallet_round_changelist")

        text = client.get(
            f"{address}?player__id__exact={world.players['lily08'].pk}"
        ).content.decode()

        assert "120.50" in text
        assert "+40.50" in text

    def test_says_of_each_round_what_its_filter_says(self, world: World, client: Client) -> None:
        player = world.players["lily08"].pk
        world.move(1, "-80", "b-1", round_code=None)
        world.move(2, "9", "p-1", round_code=None, detail={"betList": [{"seqNo": "b-1"}]})
        world.move(1, "-80", "b-2")
        address = reverse("admin:wallet_round_changelist")

        response: Any = client.get(f"{address}?player__id__exact={player}&state=open")

        listed = response.context["cl"].result_list
        assert [(one.reference, one.told.state) for one in listed] == [
            ("b-2", "open"),
            ("b-1", "open"),
        ]

    @pytest.mark.parametrize("where", ["list", "player's page"])
    def test_asks_no_more_for_more_rounds(
        self, world: World, client: Client, where: str, django_assert_max_num_queries: Any
    ) -> None:
        player = world.players["lily08"].pk
        address = {
            "list": reverse("admin:wallet_round_changelist") + f"?player__id__exact={player}",
            "player's page": reverse("admin:wallet_player_change", args=[player]) + "?tab=rounds",
        }[where]
        world.move(1, "-1", "b-0", round_code=None)
        client.get(address)
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        for number in range(1, 6):
            world.move(1, "-1", f"b-{number}", round_code=None)
            world.move(1, "-1", f"c-{number}", round_code=f"{number}")

        with django_assert_max_num_queries(len(few)):
            text = client.get(address).content.decode()

        for seq_no in ("b-0", "b-5", "c-5"):
            assert reverse("admin:wallet_round_change", args=[entry(world, seq_no).pk]) in text

    def test_reads_no_entries_of_a_code_that_a_game_uses_for_ever(
        self, world: World, client: Client
    ) -> None:
        for number in range(30):
            world.move(1, "-1", f"b-{number}", round_code="0")
        address = reverse("admin:wallet_round_changelist")

        with CaptureQueriesContext(connection) as queries:
            response: Any = client.get(f"{address}?player__id__exact={world.players['lily08'].pk}")

        (row,) = response.context["cl"].result_list
        assert row.told.staked == 30
        assert not [one["sql"] for one in queries if "\"round_code\" = '0'" in one["sql"]]
