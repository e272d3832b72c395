"""Rounds of another channel are nobody's business; looking at one changes nothing."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from tests.admin.world import Side, World, signed_in
from wallet.models import EntryKind, LedgerEntry


def _page(side: Side) -> str:
    return reverse("admin:wallet_round_change", args=[side.entry.pk])


class TestRoundsOfAnotherChannel:
    def test_are_in_no_list_and_no_search(self, world: World) -> None:
        client = signed_in(world.roles["Auditor"])
        address = reverse("admin:wallet_round_changelist")

        everything = client.get(address).content.decode()
        searched = client.get(f"{address}?q=R-7002").content.decode()

        assert "R-7001" in everything
        assert "R-7002" not in everything
        assert "anna7002" not in searched

    def test_have_no_page(self, world: World) -> None:
        client = signed_in(world.roles["Auditor"])

        assert client.get(_page(world.here)).status_code == 200
        assert client.get(_page(world.elsewhere)).headers["Location"] == reverse("admin:index")

    def test_are_not_named_beside_a_round_of_the_same_code(self, world: World) -> None:
        world.elsewhere.post(EntryKind.BET, "-1", "b-9", round_code="R-7001")

        text = signed_in(world.superuser).get(_page(world.here)).content.decode()

        assert "anna7002" not in text


class TestRound:
    def test_is_seen_by_whoever_sees_the_ledger(self, world: World) -> None:
        user = world.stranger
        user.groups.clear()
        address = reverse("admin:wallet_round_changelist")

        assert signed_in(user).get(address).status_code == 403
        user.user_permissions.add(Permission.objects.get(codename="view_ledgerentry"))
        assert signed_in(user).get(address).status_code == 200

    @pytest.mark.parametrize("name", ["wallet_ledgerentry_change", "wallet_player_change"])
    def test_is_linked_where_its_entries_are_shown(self, world: World, name: str) -> None:
        pk = world.here.entry.pk if "entry" in name else world.here.player.pk
        page = reverse(f"admin:{name}", args=[pk])

        for query in ("", "?tab=rounds", "?tab=ledger"):
            assert (
                _page(world.here) in signed_in(world.superuser).get(page + query).content.decode()
            )

    def test_has_no_page_for_an_entry_that_belongs_to_none(self, world: World) -> None:
        opening = LedgerEntry.objects.filter(player=world.here.player, kind="opening").get()
        page = reverse("admin:wallet_round_change", args=[opening.pk])

        response = signed_in(world.superuser).get(page)
        assert (response.status_code, response.headers["Location"]) == (302, reverse("admin:index"))
