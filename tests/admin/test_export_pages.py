"""What an export's own page offers: its totals, its file, its manifest, and what became of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.urls import reverse
from pytest_django import Settings

from tests.admin.world import World, signed_in
from wallet.models import Export, StaffScope

MANIFEST = {
    "rows": 2,
    "currencies": {
        "CNY": {
            "opening": "1000.0000",
            "movements": {
                "bet": {"entries": 3, "amount": "-300.5000"},
                "payout": {"entries": 1, "amount": "150.2500"},
            },
            "closing": "849.7500",
        }
    },
}


@pytest.fixture
def fiona(world: World) -> User:
    return world.roles["Finance"]


@pytest.fixture
def export(settings: Settings, tmp_path: Path, world: World, fiona: User) -> Export:
    settings.MEDIA_ROOT = tmp_path
    made = Export.objects.create(
        requested_by=fiona,
        source="ledger",
        request={"since": "2026-01-31", "until": "2026-01-31", "zone": "UTC"},
        state="done",
        rows_total=2,
        manifest=MANIFEST,
        scope={"everything": False, "channels": [7001], "sub_channels": [], "partly": []},
    )
    made.file.save(f"exports/ledger-{made.pk}.csv", ContentFile(b"posted at,amount\n"))
    return made


def page(export: Export, view: str = "change") -> str:
    return reverse(f"admin:wallet_export_{view}", args=[export.pk])


class TestTheFile:
    def test_is_downloaded_with_its_manifest(self, export: Export, fiona: User) -> None:
        client = signed_in(fiona)

        file: Any = client.get(page(export, "download"))
        manifest = client.get(page(export, "manifest"))

        assert b"".join(file.streaming_content) == b"posted at,amount\n"
        assert f"ledger-{export.pk}" in file.headers["Content-Disposition"]
        assert manifest.json() == MANIFEST

    def test_leaves_a_trail_of_who_fetched_it(self, world: World, export: Export) -> None:
        signed_in(world.roles["Finance"]).get(page(export, "download")).getvalue()
        signed_in(world.superuser).get(page(export, "manifest"))
        signed_in(world.roles["Administrator"]).get(page(export, "download"))

        fetched = LogEntry.objects.filter(object_id=str(export.pk)).order_by("pk")
        assert list(fetched.values_list("user__username", "change_message")) == [
            ("finance", "Downloaded"),
            (world.superuser.username, "Manifest downloaded"),
        ]
        history = signed_in(world.superuser).get(page(export, "history")).content.decode()
        assert "Manifest downloaded" in history

    def test_that_is_gone_from_the_disk_is_said_to_be(self, export: Export, fiona: User) -> None:
        Path(export.file.path).unlink()

        answer = signed_in(fiona).get(page(export, "download"), follow=True)

        assert answer.redirect_chain == [(page(export), 302)]
        assert "The file is gone from the disk: export it again." in answer.content.decode()

    @pytest.mark.parametrize("lost", ["permission", "scope"])
    def test_is_not_for_who_may_not_see_it_any_more(
        self, export: Export, fiona: User, lost: str
    ) -> None:
        if lost == "permission":
            fiona.groups.clear()
            fiona.user_permissions.add(Permission.objects.get(codename="view_export"))
        else:
            StaffScope.objects.filter(user=fiona).delete()

        for view in ("download", "manifest"):
            assert signed_in(fiona).get(page(export, view)).status_code == 404
        assert "849.75" not in signed_in(fiona).get(page(export)).content.decode()

    def test_is_not_for_others(self, world: World, export: Export) -> None:
        for view in ("download", "manifest", "progress"):
            client = signed_in(world.roles["Administrator"])
            assert client.get(page(export, view)).status_code == 404

    def test_is_exactly_what_the_digest_says(self, export: Export, fiona: User) -> None:
        digest = hashlib.sha256(b"posted at,amount\n").hexdigest()
        Export.objects.filter(pk=export.pk).update(sha256=digest)

        assert digest in signed_in(fiona).get(page(export)).content.decode()


class TestThePage:
    def test_shows_what_the_file_adds_up_to(self, export: Export, fiona: User) -> None:
        text = signed_in(fiona).get(page(export)).content.decode()

        for figure in ("1,000.00", "-300.50", "+150.25", "849.75", "Opening balance", "Bet"):
            assert figure in text

    def test_of_a_failed_one_gives_the_reason(self, export: Export, fiona: User) -> None:
        reason = "The file cannot be written: No space left on device."
        Export.objects.filter(pk=export.pk).update(state="failed", reason=reason)

        text = signed_in(fiona).get(page(export)).content.decode()

        assert reason in text
        assert page(export, "download") not in text

    def test_offers_to_deliver_again_what_was_given_up(self, export: Export, fiona: User) -> None:
        Export.objects.filter(pk=export.pk).update(
            deliver=True, delivery_attempts=8, delivery_problem="Could not connect"
        )
        client = signed_in(fiona)
        address = f"/admin/wallet/export/{export.pk}/deliver-again/"

        assert "given up" in client.get(page(export)).content.decode()
        client.get(address)
        due = Export.objects.filter(pk=export.pk, delivery_due_at__isnull=False)
        assert not due.exists()
        client.post(address)

        assert due.get().delivery_attempts == 0

    def test_offers_the_list_again_as_a_schedule(self, world: World, fiona: User) -> None:
        form = reverse("admin:wallet_export_add") + "?source=ledger&kinds=bet"
        schedule = reverse("admin:wallet_exportschedule_add") + "?source=ledger&amp;kinds=bet"

        assert schedule in signed_in(fiona).get(form).content.decode()
        auditor = signed_in(world.roles["Auditor"])
        assert schedule not in auditor.get(form).content.decode()
