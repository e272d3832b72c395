"""The audit trail as staff read it: in words, within their scope, from every object."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from providers.models import HrgCode
from tests.admin.world import World, staff
from wallet import audit, players
from wallet.models import AuditEvent, ChannelKey, StaffScope

pytestmark = pytest.mark.django_db

LIST = "/admin/wallet/auditevent/"


def client_of(user: User, *, language: str = "en") -> Client:
    client = Client()
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


def shown(client: Client, query: str = "") -> list[AuditEvent]:
    response: Any = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def words(response: Any) -> str:
    """The page without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def root(world: World) -> Client:
    return client_of(world.superuser)


class TestTheList:
    def test_shows_changes_in_the_readers_words(self, world: World, root: Client) -> None:
        players.lock(player=world.here.player, reason="asked to pause")

        english = words(root.get(f"{LIST}?relation=wallet_player&action__exact=update"))
        chinese = words(
            client_of(world.superuser, language="zh-hans").get(f"{LIST}?relation=wallet_player")
        )

        assert "Status active → locked" in english
        assert "Reason of the status — → asked to pause" in english
        assert re.search("状态 (?!active)\\S+ → 已锁定", chinese)

    def test_is_filtered_by_table_action_and_staff_member(self, world: World, root: Client) -> None:
        auditor = world.roles["Auditor"]
        with audit.acting(actor_id=auditor.pk):
            HrgCode.objects.filter(code="0000").update(meaning="made")

        (event,) = shown(root, "relation=providers_hrgcode&action__exact=update")
        assert (event.object_id, event.after) == ("0000", {"meaning": "made"})
        assert shown(root, f"actor__id__exact={auditor.pk}") == [event]
        assert shown(root, f"actor__id__exact={auditor.pk}&action__exact=insert") == []

    def test_is_searched_by_the_shape_of_what_is_typed(self, world: World, root: Client) -> None:
        auditor = world.roles["Auditor"]
        channel = world.here.channel
        with audit.acting(actor_id=auditor.pk, address="203.0.113.7", path="/admin/some/page/"):
            channel.name = "South"
            channel.save()
        event = AuditEvent.objects.latest("pk")

        for text in ("auditor", "203.0.113.7", "/admin/some/", "::ffff:203.0.113.7"):
            assert shown(root, f"q={text}") == [event], text
        assert event in shown(root, f"q={channel.pk}")

    def test_is_limited_to_the_channels_that_one_sees(self, world: World) -> None:
        mine = client_of(world.roles["Auditor"])

        channels = {event.channel_number for event in shown(mine, "at=all")}

        assert channels == {world.here.number}
        assert shown(client_of(world.stranger), "at=all") == []
        assert shown(client_of(world.part), "at=all") == []

    def test_of_operations_is_closed(self, world: World) -> None:
        assert client_of(world.roles["Operations"]).get(LIST).status_code == 403

    def test_survives_a_staff_member_who_is_gone(self, world: World, root: Client) -> None:
        gone = staff("gone")
        with audit.acting(actor_id=gone.pk):
            HrgCode.objects.filter(code="0000").update(meaning="made")
        number = gone.pk
        gone.delete()

        assert str(number) in words(root.get(f"{LIST}?relation=providers_hrgcode"))


class TestAnEvent:
    def test_shows_before_beside_after_and_leads_to_the_row(
        self, world: World, root: Client
    ) -> None:
        player = world.here.player
        players.lock(player=player, reason="asked to pause")
        event = AuditEvent.objects.filter(relation="wallet_player").latest("pk")

        page = root.get(f"{LIST}{event.pk}/change/")

        assert "Reason of the status — asked to pause" in words(page)
        assert reverse("admin:wallet_player_change", args=[player.pk]) in page.content.decode()

    def test_names_what_a_column_leads_to(self, world: World, root: Client) -> None:
        event = AuditEvent.objects.filter(
            relation="auth_user_groups", after__user_id=world.roles["Risk"].pk
        ).latest("pk")

        assert "Risk" in words(root.get(f"{LIST}{event.pk}/change/"))

    def test_never_shows_a_secret(self, world: World, root: Client) -> None:
        site = world.here.site
        site.secret_key = "a-new-secret"
        site.save()
        event = AuditEvent.objects.filter(relation="providers_beiyingsite").latest("pk")

        text = words(root.get(f"{LIST}{event.pk}/change/"))

        assert (event.before, event.after) == ({"secret_key": "•••"}, {"secret_key": "•••"})
        assert "Secret key ••• •••" in text

    def test_cannot_be_changed_or_deleted(self, world: World, root: Client) -> None:
        event = AuditEvent.objects.latest("pk")

        assert root.post(f"{LIST}{event.pk}/change/").status_code == 403
        assert root.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403


class TestTheTrailOfAnObject:
    @pytest.mark.parametrize(
        "page", ["wallet_channel", "wallet_agent", "wallet_player", "wallet_adjustment"]
    )
    def test_is_linked_from_its_page_as_audit(self, world: World, root: Client, page: str) -> None:
        objects = {model._meta.db_table: row for model, row in world.here.objects.items()}
        row = objects[page]
        assert row is not None
        history = reverse(f"admin:{page}_history", args=[row.pk])

        content = root.get(reverse(f"admin:{page}_change", args=[row.pk])).content.decode()

        assert re.search(rf'href="{history}[^>]*>[^<]*(<[^>]+>[^<]*)*Audit', content)
        assert "created" in words(root.get(history))

    def test_of_a_channel_includes_its_keys(self, world: World, root: Client) -> None:
        ChannelKey.objects.filter(pk=world.here.key.pk).update(state="retired")

        page = root.get(reverse("admin:wallet_channel_history", args=[world.here.number]))

        assert "State active → retired" in words(page)

    def test_of_a_staff_member_includes_their_roles_and_scope(
        self, world: World, root: Client
    ) -> None:
        risk = world.roles["Risk"]
        with audit.acting(actor_id=world.superuser.pk):
            risk.groups.add(Group.objects.get(name="Finance"))
            StaffScope.objects.filter(user=risk).delete()

        text = words(root.get(reverse("admin:auth_user_history", args=[risk.pk])))

        assert "Finance" in text
        assert "deleted" in text
        assert str(world.roles["Auditor"].pk) not in re.findall(r"User .*?(\d+)", text)

    def test_of_an_adjustment_includes_the_decisions(self, world: World, root: Client) -> None:
        adjustment = world.here.adjustment
        adjustment.decisions.create(checker=world.superuser, approved=False, comment="no proof")

        page = root.get(reverse("admin:wallet_adjustment_history", args=[adjustment.pk]))

        assert "no proof" in words(page)
