"""Filters of a list kept under a name: one's own, shared ones, and what they never do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from tests.admin.world import World, signed_in, staff
from wallet.models import AuditEvent, SavedFilter, StaffScope

LEDGER = "wallet.ledgerentry"
LISTS = (
    "wallet_ledgerentry",
    "wallet_player",
    "wallet_auditevent",
    "wallet_round",
    "callbacks_receivedcallback",
    "providers_provisioningjob",
)


def _save(client: Client, query: str, *, listing: str = "wallet_ledgerentry", **data: str) -> Any:
    return client.post(reverse(f"admin:{listing}_save_filter"), {"query": query, **data})


def _menu(client: Client, query: str = "", *, listing: str = "wallet_ledgerentry") -> Any:
    response = client.get(reverse(f"admin:{listing}_changelist") + query)
    return response.context["cl"].saved_filters


@pytest.fixture
def finance(world: World) -> Client:
    return signed_in(world.roles["Finance"])


@pytest.fixture
def risk(world: World) -> Client:
    return signed_in(world.roles["Risk"])


class TestSavingFilters:
    @pytest.mark.parametrize("listing", LISTS)
    def test_is_offered_on_every_big_list(self, world: World, listing: str) -> None:
        client = signed_in(world.superuser)

        answer = _save(client, "q=x", listing=listing, name="Mine")

        assert answer.status_code == 302
        assert [one.name for one in _menu(client, listing=listing).filters] == ["Mine"]

    def test_keeps_filters_and_search_and_comes_back_to_them(
        self, world: World, finance: Client
    ) -> None:
        query = "q=b-1&kind__exact=bet&after=2026-01-01T00:00:00%2B00:00,5&o=1&posted_at="

        answer = _save(finance, query, name="Bets")

        saved = SavedFilter.objects.get()
        assert (saved.listing, saved.name, saved.query, saved.shared) == (
            LEDGER,
            "Bets",
            "kind__exact=bet&q=b-1",
            False,
        )
        assert saved.owner == world.roles["Finance"]
        assert answer.headers["Location"].endswith("/ledgerentry/?kind__exact=bet&q=b-1")
        assert _menu(finance, "?q=b-1&kind__exact=bet").current == saved

    @pytest.mark.parametrize(
        ("query", "name", "sentence"),
        [
            ("", "Nothing", "Choose some filters first"),
            ("after=5", "A place", "Choose some filters first"),
            ("kind__exact=bet", "  ", "at most 60 characters"),
            ("kind__exact=bet", "x" * 61, "at most 60 characters"),
            ("q=" + "x" * 2000, "Long", "Choose some filters first"),
        ],
    )
    def test_refuses_what_is_no_filter_or_has_no_name(
        self, finance: Client, query: str, name: str, sentence: str
    ) -> None:
        address = reverse("admin:wallet_ledgerentry_save_filter")

        page = finance.post(address, {"query": query, "name": name}, follow=True)

        assert sentence in page.content.decode()
        assert not SavedFilter.objects.exists()

    def test_refuses_a_second_one_of_the_same_name(self, finance: Client) -> None:
        _save(finance, "kind__exact=bet", name="Mine")

        answer = finance.post(
            reverse("admin:wallet_ledgerentry_save_filter"),
            {"query": "kind__exact=payout", "name": "Mine"},
            follow=True,
        )

        assert "You have a filter “Mine” here already." in answer.content.decode()
        assert SavedFilter.objects.get().query == "kind__exact=bet"

    def test_needs_the_permission_to_see_the_list(self, world: World) -> None:
        operations = signed_in(world.roles["Operations"])

        answer = _save(operations, "relation=wallet_player", listing="wallet_auditevent", name="X")

        assert answer.status_code == 403
        assert not SavedFilter.objects.exists()

    def test_happens_by_post_only(self, finance: Client) -> None:
        _save(finance, "kind__exact=bet", name="Mine")
        saved = SavedFilter.objects.get()
        base = "admin:wallet_ledgerentry"

        answers = [
            finance.get(reverse(f"{base}_save_filter") + "?query=q%3Dx&name=Other"),
            finance.get(reverse(f"{base}_change_filter", args=[saved.pk]) + "?delete=1"),
        ]

        assert [answer.status_code for answer in answers] == [405, 405]
        assert SavedFilter.objects.get() == saved


class TestASharedFilter:
    def test_is_offered_to_colleagues_who_see_the_list(
        self, world: World, finance: Client, risk: Client
    ) -> None:
        _save(finance, "kind__exact=bet", name="Own")
        _save(finance, "kind__exact=payout", name="For all", shared="on")

        assert [one.name for one in _menu(finance).filters] == ["For all", "Own"]
        assert [one.name for one in _menu(risk).filters] == ["For all"]
        assert _menu(risk).own == []
        assert _menu(risk, listing="wallet_player").filters == []

    def test_needs_the_permission_to_share(self, world: World) -> None:
        auditor = signed_in(world.roles["Auditor"])

        answer = _save(auditor, "kind__exact=bet", name="For all", shared="on")

        assert answer.status_code == 403
        assert not SavedFilter.objects.exists()

    def test_widens_nobodys_scope(self, world: World, finance: Client, risk: Client) -> None:
        query = f"channel__id__exact={world.elsewhere.number}&posted_at=all"
        _save(finance, query, name="Abroad", shared="on")
        address = reverse("admin:wallet_ledgerentry_changelist")

        shared = _menu(risk).filters[0]

        assert risk.get(f"{address}?{shared.query}").context["cl"].result_list == []

    def test_is_told_to_nobody_who_sees_less_than_its_owner(
        self, world: World, finance: Client
    ) -> None:
        query = "posted_at=all&q=anna7001"
        _save(finance, query, name="anna7001 launders", shared="on")
        abroad = staff("abroad", role="Finance")
        StaffScope.objects.create(user=abroad, channel=world.elsewhere.channel)
        part = staff("inpart", role="Finance")
        StaffScope.objects.create(
            user=part, channel=world.here.channel, sub_channel=world.here.sub_channel
        )
        address = reverse("admin:wallet_ledgerentry_changelist")

        for reader in (abroad, part):
            client = signed_in(reader)
            assert "launders" not in client.get(address).content.decode()
            assert _menu(client, f"?{query}").current is None
        assert [one.query for one in _menu(signed_in(world.superuser)).filters] == [query]

    def test_of_those_who_see_everything_stays_among_them(self, world: World, risk: Client) -> None:
        _save(signed_in(world.superuser), "q=anna7002", name="Abroad", shared="on")

        assert _menu(risk).filters == []
        assert len(_menu(signed_in(world.superuser)).filters) == 1

    def test_leaves_with_a_colleague_who_was_switched_off(
        self, world: World, finance: Client, risk: Client
    ) -> None:
        _save(finance, "kind__exact=bet", name="For all", shared="on")
        User.objects.filter(pk=world.roles["Finance"].pk).update(is_active=False)

        assert _menu(risk).filters == []


class TestChangingASavedFilter:
    @pytest.fixture
    def saved(self, finance: Client) -> SavedFilter:
        _save(finance, "kind__exact=bet", name="Mine", shared="on")
        return SavedFilter.objects.get()

    def _change(self, client: Client, saved: SavedFilter, **data: str) -> Any:
        address = reverse("admin:wallet_ledgerentry_change_filter", args=[saved.pk])
        return client.post(address, data)

    def test_renames_it_and_takes_it_back(self, finance: Client, saved: SavedFilter) -> None:
        self._change(finance, saved, name="Stakes")

        saved.refresh_from_db()
        assert (saved.name, saved.shared, saved.query) == ("Stakes", False, "kind__exact=bet")

    def test_deletes_it(self, finance: Client, saved: SavedFilter) -> None:
        answer = self._change(finance, saved, delete="1", query="q=x")

        assert answer.headers["Location"].endswith("/ledgerentry/?q=x")
        assert not SavedFilter.objects.exists()

    def test_leaves_a_trail_of_who_shared_renamed_and_deleted_it(
        self, finance: Client, saved: SavedFilter
    ) -> None:
        self._change(finance, saved, name="Stakes")
        self._change(finance, saved, delete="1")

        trail = AuditEvent.objects.filter(
            relation="wallet_savedfilter", object_id=str(saved.pk), actor__username="finance"
        )
        assert list(trail.order_by("pk").values_list("action", "after__name", "after__shared")) == [
            ("insert", "Mine", True),
            ("update", "Stakes", False),
            ("delete", None, None),
        ]

    def test_is_its_owners_alone(self, world: World, risk: Client, saved: SavedFilter) -> None:
        answers = [
            self._change(client, saved, **data)
            for client in (risk, signed_in(world.superuser))
            for data in ({"delete": "1"}, {"name": "Taken"})
        ]

        assert {answer.status_code for answer in answers} == {404}
        saved.refresh_from_db()
        assert (saved.name, saved.shared) == ("Mine", True)

    def test_keeps_a_name_that_is_taken_with_the_other_one(
        self, finance: Client, saved: SavedFilter
    ) -> None:
        _save(finance, "kind__exact=payout", name="Other")
        other = SavedFilter.objects.get(name="Other")

        self._change(finance, other, name="Mine")

        other.refresh_from_db()
        assert other.name == "Other"
