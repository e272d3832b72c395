"""The page of a verification: what was counted and checked, and where it does not hold."""

from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from tests.admin.world import World
from wallet import verification
from wallet.models import Verification
from wallet.proofs import CHECKS


def _page(world: World, run: Verification) -> str:
    client = Client()
    client.force_login(world.superuser)
    address = reverse("admin:wallet_verification_change", args=[run.pk])
    return client.get(address).content.decode()


class TestAVerification:
    def test_tells_each_check_and_how_much_was_looked_at(self, world: World) -> None:
        run = verification.verify(channel_id=world.here.number)
        entries = run.report["counts"]["entries"]

        page = _page(world, run)

        assert "no differences" in page
        assert f"entries: {entries}" in page
        for check in CHECKS:
            assert check.replace("'", "&#x27;") in page

    def test_names_the_first_places_that_differ(self, world: World) -> None:
        check = {"check": "Chain", "differences": 2, "first": ["wallet <7>: balance 1"]}
        now = timezone.now()
        run = Verification.objects.create(
            started_at=now,
            finished_at=now,
            passed=False,
            report={"counts": {"wallets": 9}, "checks": [{**check, "milliseconds": 1500}]},
        )

        page = _page(world, run)

        assert "differences found" in page
        assert "2 differ" in page
        assert "wallet &lt;7&gt;: balance 1" in page
        assert "1.50 s" in page

    def test_is_told_in_chinese(self, world: World) -> None:
        run = verification.verify(channel_id=world.here.number)

        with translation.override("zh-hans"):
            client = Client(headers={"accept-language": "zh-hans"})
            client.force_login(world.superuser)
            page = client.get(
                reverse("admin:wallet_verification_change", args=[run.pk])
            ).content.decode()

        assert "数据库的防护" in page
        assert "Every " not in page
