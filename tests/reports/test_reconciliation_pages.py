"""Staff ask for a day to be compared, see its state and resolve what differs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from providers import reconciliation
from tests.wallet.money import Purse, new_channel, unique
from wallet.models import Channel, EntryKind, Reconciliation, ReconciliationItem, StaffScope

RUNS = "/admin/wallet/reconciliation/"
ITEMS = "/admin/wallet/reconciliationitem/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def purse() -> Purse:
    purse = Purse("1000")
    purse.post(EntryKind.BET, "-80", source="ebet:1", reference="b-1")
    return purse


@pytest.fixture
def channel(purse: Purse) -> Channel:
    return purse.player.channel


def visitor(channel: Channel, role: str = "Finance") -> Client:
    user = User.objects.create(username=unique("staff")[:30], is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    StaffScope.objects.create(user=user, channel=channel)
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, channel: Channel, content: bytes, **more: Any) -> Any:
    return client.post(
        f"{RUNS}add/",
        {
            "provider": "ebet",
            "channel": channel.pk,
            "day": timezone.localdate().isoformat(),
            "file": SimpleUploadedFile("records.csv", content),
            **more,
        },
    )


def shown(response: Any) -> str:
    text: str = response.content.decode()
    return text


class TestADay:
    def test_is_compared_by_a_worker_and_shows_its_state(self, channel: Channel) -> None:
        client = visitor(channel)

        response = ask(client, channel, b"seqNo,status\nb-1,200\nx-1,200\n")

        run = Reconciliation.objects.get(channel=channel)
        assert response.headers["Location"] == f"{RUNS}{run.pk}/change/"
        assert (run.state, run.zone) == ("waiting", "Asia/Shanghai")
        assert "waiting" in shown(client.get(RUNS)).lower()
        reconciliation.run_waiting()
        assert "1 to resolve" in shown(client.get(RUNS))
        ReconciliationItem.objects.update(
            resolved_at=timezone.now(), resolved_by=run.requested_by, resolution="known"
        )
        assert "1 to resolve" not in shown(client.get(RUNS))

    def test_in_agreement_says_so_in_both_languages(self, channel: Channel) -> None:
        client = visitor(channel)
        ask(client, channel, b"seqNo,status\nb-1,200\n")
        reconciliation.run_waiting()

        assert "in agreement" in shown(client.get(RUNS))
        client.cookies["django_language"] = "zh-hans"
        assert "一致" in shown(client.get(RUNS))

    @pytest.mark.parametrize(
        ("more", "message"),
        [
            ({"day": "2999-01-01"}, "2999-01-01 has not begun."),
            ({"provider": "hrg"}, "Only eBET&#x27;s records come from a file."),
        ],
    )
    def test_that_makes_no_sense_is_refused(
        self, channel: Channel, more: dict[str, str], message: str
    ) -> None:
        response = ask(visitor(channel), channel, b"x", **more)

        assert message in shown(response)
        assert not Reconciliation.objects.exists()

    def test_of_another_channel_cannot_be_asked_for(self, channel: Channel) -> None:
        other = new_channel()

        response = ask(visitor(channel), other, b"x")

        assert response.status_code == 200
        assert not Reconciliation.objects.exists()

    def test_is_asked_for_by_finance_only(self, channel: Channel) -> None:
        assert ask(visitor(channel, "Auditor"), channel, b"x").status_code == 403
        assert visitor(channel, "Operations").get(RUNS).status_code == 403


class TestADifference:
    @pytest.fixture
    def item(self, channel: Channel) -> ReconciliationItem:
        ask(visitor(channel), channel, b"seqNo,status,money\nb-1,200,-81\n")
        reconciliation.run_waiting()
        return ReconciliationItem.objects.get()

    def test_shows_both_sides(self, item: ReconciliationItem, channel: Channel) -> None:
        text = shown(visitor(channel).get(f"{ITEMS}{item.pk}/change/"))

        assert "done (applied) · -80.00" in text
        assert "done (200) · -81.00" in text

    def test_is_resolved_with_a_reason(self, item: ReconciliationItem, channel: Channel) -> None:
        client = visitor(channel)
        path = f"{ITEMS}{item.pk}/resolve/"

        client.post(path, {"reason": ""})
        item.refresh_from_db()
        assert item.resolved_at is None

        client.post(path, {"reason": "rounded there"})
        item.refresh_from_db()
        assert (item.resolution, item.resolved_by is None) == ("rounded there", False)
        assert client.post(path, {"reason": "again"}).status_code == 403

    def test_is_resolved_with_others_at_once(
        self, item: ReconciliationItem, channel: Channel
    ) -> None:
        client = visitor(channel)
        data = {"action": "resolve_selected", "_selected_action": item.pk}

        assert "reason" in shown(client.post(ITEMS, data))
        client.post(ITEMS, {**data, "confirmed": 1, "reason": "all the same"})

        item.refresh_from_db()
        assert item.resolution == "all the same"

    def test_is_hidden_from_other_channels(
        self, item: ReconciliationItem, channel: Channel
    ) -> None:
        stranger = visitor(new_channel())

        assert f"{ITEMS}{item.pk}/" not in shown(stranger.get(ITEMS))
        assert stranger.post(f"{ITEMS}{item.pk}/resolve/", {"reason": "x"}).status_code == 404
        item.refresh_from_db()
        assert item.resolved_at is None

    def test_is_resolved_by_finance_only(self, item: ReconciliationItem, channel: Channel) -> None:
        response = visitor(channel, "Auditor").post(f"{ITEMS}{item.pk}/resolve/", {"reason": "x"})

        assert response.status_code == 403
        item.refresh_from_db()
        assert item.resolved_at is None
