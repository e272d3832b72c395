"""Who may not is told why."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.world import World, signed_in
from wallet import adjustments
from wallet.models import Adjustment


class TestAPageThatTheRoleDoesNotAllow:
    def test_says_so_and_whom_to_ask(self, world: World) -> None:
        response = signed_in(world.roles["Finance"]).get(reverse("admin:auth_user_changelist"))

        page = response.content.decode()
        assert response.status_code == 403
        assert "Your role does not allow it" in page
        assert "An administrator can give you another role" in page

    def test_says_so_in_chinese(self, world: World) -> None:
        client = signed_in(world.roles["Finance"])
        client.cookies["django_language"] = "zh-hans"

        page = client.get(reverse("admin:auth_user_changelist")).content.decode()

        assert "您的角色不允许此操作" in page


class TestARowOfAnotherChannel:
    def test_is_not_there_and_the_page_says_why(self, world: World) -> None:
        address = f"/admin/wallet/player/{world.elsewhere.player.pk}/lock/"

        response = signed_in(world.roles["Risk"]).get(address)

        assert response.status_code == 404
        assert "belongs to a channel that you do not see" in response.content.decode()


class TestOtherVisitors:
    def test_get_djangos_own_page(self, db: None) -> None:
        response = Client().get("/nowhere")

        assert response.status_code == 404
        assert "administrator" not in response.content.decode()


class TestAnAdjustmentThatWaits:
    @pytest.mark.parametrize(
        ("amount", "sentence"),
        [
            ("999", "Waits for you or another approver.</p>"),
            ("1001", "The amount is above your limit"),
        ],
    )
    def test_tells_the_approver_whether_they_are_enough(
        self, world: World, amount: str, sentence: str
    ) -> None:
        adjustment = adjustments.propose(
            wallet=world.here.wallet,
            kind=Adjustment.Kind.ADJUSTMENT,
            amount=Decimal(amount),
            reason="promised",
            maker=world.here.maker,
        )

        page = signed_in(world.roles["Finance"]).get(
            reverse("admin:wallet_adjustment_change", args=[adjustment.pk])
        )

        assert sentence in page.content.decode()

    def test_tells_the_second_approver_that_it_will_be_posted(self, world: World) -> None:
        adjustment = adjustments.propose(
            wallet=world.here.wallet,
            kind=Adjustment.Kind.ADJUSTMENT,
            amount=Decimal(5000),
            reason="promised",
            maker=world.here.maker,
        )
        adjustments.approve(adjustment_id=adjustment.pk, checker=world.roles["Risk"])

        page = signed_in(world.roles["Finance"]).get(
            reverse("admin:wallet_adjustment_change", args=[adjustment.pk])
        )

        assert "with your approval it is posted" in page.content.decode()
