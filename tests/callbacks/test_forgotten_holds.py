"""Holds that eBET never returns: seen by staff, returned by them, and never twice."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from tests.callbacks.world import World
from tests.wallet.money import connect, unique
from wallet import ledger
from wallet.models import EntryKind, Hold, LedgerEntry, StaffScope, Wallet

D = Decimal


def sign_in(world: World, role: str, *, scoped: bool = True) -> Client:
    user = User.objects.create(username=unique("holder"), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    if scoped:
        StaffScope.objects.create(user=user, channel=world.channel)
    client = Client()
    client.force_login(user)
    return client


def age(world: World, hours: int) -> None:
    """Make the channel's holds look older; only a superuser, past the triggers, could do so."""
    moment = timezone.now() - timedelta(hours=hours)
    with connect("postgres") as server:
        server.execute("SET session_replication_role = replica")
        server.execute(
            "UPDATE wallet_ledgerentry SET posted_at = %s WHERE channel_id = %s AND kind = 'hold'",
            [moment, world.channel.pk],
        )


def page(hold: Hold) -> str:
    return f"/admin/wallet/hold/{hold.pk}/release/"


def release(client: Client, hold: Hold, **data: Any) -> Any:
    asked: Any = client.get(page(hold))
    form = asked.context_data["form"]
    request_id = str(form["request_id"].value())
    return client.post(page(hold), {"reason": "lost", "request_id": request_id, **data})


@pytest.fixture
def hold(world: World) -> Hold:
    world.move(27, "-400", "h-1")
    age(world, 30)
    return Hold.objects.get(wallet__channel=world.channel)


class TestForgottenHold:
    def test_is_listed_by_its_age(self, world: World, hold: Hold) -> None:
        client = sign_in(world, "Finance")

        for query, shown in (("open", True), ("day", True), ("week", False)):
            listed: Any = client.get(f"/admin/wallet/hold/?age={query}")
            assert bool(listed.context_data["cl"].result_list) is shown
        assert "Holds that were not returned for a day" in client.get("/admin/").content.decode()

    def test_is_told_apart_from_transfers(self, world: World) -> None:
        world.move(27, "-400", "h-1")
        wallet = Hold.objects.get(wallet__channel=world.channel).wallet
        ledger.post(
            wallet_id=wallet.pk,
            kind=EntryKind.HOLD,
            amount=D(-7),
            source="hrg:fund",
            reference="t-1",
        )
        age(world, 30)
        client = sign_in(world, "Finance")

        for query, amounts in (("open", [7, 400]), ("day", [400])):
            listed: Any = client.get(f"/admin/wallet/hold/?age={query}")
            assert [row.amount for row in listed.context_data["cl"].result_list] == amounts

        alerts = client.get("/admin/").context["alerts"]
        assert [alert.count for alert in alerts if "age=day" in alert.link] == [1]

    def test_goes_back_to_the_player_with_a_reason(self, world: World, hold: Hold) -> None:
        assert release(sign_in(world, "Finance"), hold).status_code == 302

        hold.refresh_from_db()
        wallet = Wallet.objects.get(pk=hold.wallet_id)
        entry = LedgerEntry.objects.get(channel=world.channel, source="staff:release")
        assert (hold.remaining, wallet.held, wallet.balance) == (0, 0, D("1000.01"))
        assert (entry.kind, entry.amount, entry.reason) == ("release", 400, "lost")
        assert entry.actor is not None
        assert entry.round_code == "R"

    def test_is_not_returned_twice_when_ebet_does_so_after_all(
        self, world: World, hold: Hold
    ) -> None:
        release(sign_in(world, "Finance"), hold)

        with world.nothing_moves():
            late = world.move(28, "400", "r-1", detail={"withHoldingSeqNo": "h-1"})
        assert late.status == 209

    def test_is_returned_once_by_the_same_form(self, world: World, hold: Hold) -> None:
        client = sign_in(world, "Finance")
        request_id = "0f8fad5b-d9cb-469f-a165-70867728950e"
        release(client, hold, request_id=request_id)

        with world.nothing_moves():
            again = client.post(page(hold), {"reason": "lost", "request_id": request_id})
        assert again.status_code == 403

    def test_of_a_running_round_stays(self, world: World) -> None:
        world.move(27, "-400", "h-1")
        hold = Hold.objects.get(wallet__channel=world.channel)

        with world.nothing_moves():
            response = sign_in(world, "Finance").post(page(hold), {"reason": "lost"})
        assert response.status_code == 403

    def test_stays_when_only_looked_at(self, world: World, hold: Hold) -> None:
        with world.nothing_moves():
            assert sign_in(world, "Finance").get(page(hold)).status_code == 200

    def test_is_nobodys_without_permission_or_outside_scope(self, world: World, hold: Hold) -> None:
        with world.nothing_moves():
            without = sign_in(world, "Operations").post(page(hold), {"reason": "lost"})
            outside = sign_in(world, "Finance", scoped=False).post(page(hold), {"reason": "x"})
        assert (without.status_code, outside.status_code) == (403, 404)
