"""What staff do with a player: by POST only, written down, refused in words."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from tests.admin.world import World
from wallet import adjustments
from wallet.models import Adjustment, AuditEvent, LedgerEntry, PlayerSession
from wallet.secrets import token_digest


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Administrator"])
    return client


def _address(world: World, action: str) -> str:
    return f"/admin/wallet/player/{world.here.player.pk}/{action}/"


class TestActionsOnAPlayer:
    @pytest.mark.parametrize(
        "action", ["lock", "close", "end-sessions", "issue-token", "reset-password", "transfer"]
    )
    def test_change_nothing_when_only_looked_at(
        self, world: World, client_of: Client, action: str
    ) -> None:
        response = client_of.get(_address(world, action))

        world.here.player.refresh_from_db()
        assert response.status_code == 200
        assert world.here.player.status == "active"
        assert PlayerSession.objects.filter(player=world.here.player, ended_at=None).exists()
        assert not world.here.player.access_tokens.exists()
        assert not LogEntry.objects.exists()

    def test_need_the_token_against_forged_forms(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.roles["Administrator"])

        response = client.post(_address(world, "lock"), {"reason": "x"})

        assert response.status_code == 403

    def test_lock_with_a_reason_that_is_kept(self, world: World, client_of: Client) -> None:
        response = client_of.post(_address(world, "lock"), {"reason": "chargeback"})

        player = world.here.player
        player.refresh_from_db()
        assert response.status_code == 302
        assert (player.status, player.status_reason) == ("locked", "chargeback")
        assert LogEntry.objects.get().change_message == "Lock"
        event = AuditEvent.objects.filter(
            relation="wallet_player", object_id=str(player.pk), action="update"
        ).latest("pk")
        assert event.actor == world.roles["Administrator"]
        assert event.after is not None
        assert event.after["status"] == "locked"

    def test_ask_again_without_a_reason(self, world: World, client_of: Client) -> None:
        response = client_of.post(_address(world, "lock"), {"reason": ""})

        world.here.player.refresh_from_db()
        assert "This field is required" in response.content.decode()
        assert world.here.player.status == "active"

    def test_answer_a_dialog_with_where_to_go(self, world: World, client_of: Client) -> None:
        response = client_of.post(
            _address(world, "lock"), {"reason": "x"}, headers={"HX-Request": "true"}
        )

        page = reverse("admin:wallet_player_change", args=[world.here.player.pk])
        assert response.headers["HX-Redirect"] == page

    def test_show_a_test_token_once_and_keep_its_digest(
        self, world: World, client_of: Client
    ) -> None:
        response = client_of.post(_address(world, "issue-token"))

        token = response.content.decode().partition('id="secret">')[2].partition("<")[0]
        kept = world.here.player.access_tokens.get()
        assert kept.fixed
        assert bytes(kept.digest) == token_digest(token)
        assert "no-store" in response.headers["Cache-Control"]

    def test_explain_a_password_that_is_too_short(self, world: World, client_of: Client) -> None:
        response = client_of.post(
            _address(world, "reset-password"), {"password": "abc", "repeated": "abc"}
        )

        assert "5 to 64 characters" in response.content.decode()


class TestTransferBetweenWallets:
    def _post(self, world: World, client: Client, amount: str, request_id: str) -> str:
        wallets = world.here.player.wallets
        data = {
            "from_wallet": wallets.get(type=0).pk,
            "to_wallet": wallets.get(type=1).pk,
            "amount": amount,
            "reason": "asked",
            "request_id": request_id,
        }
        return client.post(_address(world, "transfer"), data).content.decode()

    def test_moves_the_money_once_however_often_it_is_sent(
        self, world: World, client_of: Client
    ) -> None:
        for _ in range(2):
            self._post(world, client_of, "30", "7b0e2b0e-0000-4000-8000-000000000001")

        wallets = world.here.player.wallets
        assert wallets.get(type=0).balance == Decimal(55)
        assert wallets.get(type=1).balance == Decimal(30)

    def test_explains_that_the_money_is_not_there(self, world: World, client_of: Client) -> None:
        before = LedgerEntry.objects.filter(player=world.here.player, outcome="applied").count()

        page = self._post(world, client_of, "1000", "7b0e2b0e-0000-4000-8000-000000000002")

        after = LedgerEntry.objects.filter(player=world.here.player, outcome="applied").count()
        assert "There is not enough money in the wallet." in page
        assert world.here.player.wallets.get(type=0).balance == Decimal(85)
        assert after == before


class TestAdjustingABalance:
    def test_proposes_and_moves_nothing(self, world: World, client_of: Client) -> None:
        client_of.post(
            _address(world, "adjust"),
            {
                "wallet": world.here.wallet.pk,
                "kind": "adjustment",
                "amount": "-5.5",
                "reason": "double credit",
            },
        )

        adjustment = Adjustment.objects.latest("pk")
        assert (adjustment.amount, adjustment.state) == (Decimal("-5.5"), "proposed")
        assert adjustment.maker == world.roles["Administrator"]
        world.here.wallet.refresh_from_db()
        assert world.here.wallet.balance == Decimal(85)

    def test_explains_a_wrong_sign(self, world: World, client_of: Client) -> None:
        response = client_of.post(
            _address(world, "adjust"),
            {"wallet": world.here.wallet.pk, "kind": "deposit", "amount": "-1", "reason": "x"},
        )

        assert "give a positive amount" in response.content.decode()

    def test_never_reaches_another_players_wallet(self, world: World, client_of: Client) -> None:
        before = Adjustment.objects.count()

        client_of.post(
            _address(world, "adjust"),
            {
                "wallet": world.elsewhere.wallet.pk,
                "kind": "adjustment",
                "amount": "5",
                "reason": "x",
            },
        )

        assert Adjustment.objects.count() == before

    def test_is_not_approved_by_who_proposed_it(self, world: World) -> None:
        client = Client()
        client.force_login(world.superuser)
        adjustment = adjustments.propose(
            wallet=world.here.wallet,
            kind=Adjustment.Kind.ADJUSTMENT,
            amount=Decimal(1),
            reason="mine",
            maker=world.superuser,
        )

        response = client.post(f"/admin/wallet/adjustment/{adjustment.pk}/approve/")
        page = client.get(reverse("admin:wallet_adjustment_change", args=[adjustment.pk]))

        adjustment.refresh_from_db()
        assert response.status_code == 403
        assert "someone else has to decide" in page.content.decode()
        assert adjustment.state == "proposed"
