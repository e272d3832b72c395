"""Statements from the admin: the dialog, the file, and who gets one."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pypdf
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from tests.reports.world import World
from tests.wallet.money import unique
from wallet.models import Player, StaffScope, SubChannel

TODAY = timezone.localdate().isoformat()


def visitor(world: World, role: str = "Finance", sub_channel: SubChannel | None = None) -> Client:
    user = User.objects.create(username=unique("staff")[:30], is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    StaffScope.objects.create(user=user, channel=world.channel, sub_channel=sub_channel)
    client = Client()
    client.force_login(user)
    return client


def _log_of(player: Player) -> QuerySet[LogEntry]:
    return LogEntry.objects.filter(content_type__model="player", object_id=str(player.pk))


def ask(client: Client, path: str, **more: str) -> Any:
    return client.post(
        f"{path}statement/", {"since": TODAY, "until": TODAY, "format": "pdf", **more}
    )


class TestAPlayersStatement:
    def test_comes_from_a_dialog_as_pdf_in_the_readers_language(self, world: World) -> None:
        client = visitor(world)
        client.cookies["django_language"] = "zh-hans"

        answer = ask(client, f"/admin/wallet/player/{world.ann.player.pk}/")
        file = client.get(answer.headers["Location"])

        name = world.ann.player.username
        assert file.headers["Content-Disposition"] == f'attachment; filename="{name}.pdf"'
        text = "".join(page.extract_text() for page in pypdf.PdfReader(
            io.BytesIO(file.getvalue())).pages)  # fmt: skip
        assert "期末余额" in text
        assert f"{world.ann.balance:,.2f}" in text
        asked, fetched = _log_of(world.ann.player).order_by("pk")
        assert asked.user == fetched.user
        assert fetched.change_message == "Statement downloaded"

    def test_that_cannot_be_made_is_explained_in_the_dialog(self, world: World) -> None:
        answer = ask(visitor(world), f"/admin/wallet/player/{world.ann.player.pk}/",
                     since="2999-01-01")  # fmt: skip

        assert answer.status_code == 200
        assert "The period ends before it begins" in answer.content.decode()

    def test_is_not_for_everybody(self, world: World) -> None:
        path = f"/admin/wallet/player/{world.ann.player.pk}/"
        query = f"statement-file/?since={TODAY}&until={TODAY}"

        assert ask(visitor(world, "Operations"), path).status_code == 403
        assert visitor(world, "Operations").get(path + query).status_code == 403
        stranger = visitor(world, sub_channel=world.west)
        assert ask(stranger, path).status_code == 404
        assert stranger.get(path + query).status_code == 404
        assert visitor(world).get(f"{path}statement-file/?since=x").status_code == 404
        blind = User.objects.create(username=unique("blind")[:30], is_staff=True)
        blind.user_permissions.add(Permission.objects.get(codename="export_ledger"))
        StaffScope.objects.create(user=blind, channel=world.channel)
        client = Client()
        client.force_login(blind)
        assert client.get(path + query).status_code == 403
        assert not _log_of(world.ann.player).exists()


class TestAnAgentsStatement:
    def test_comes_as_a_workbook(self, world: World) -> None:
        client = visitor(world)

        answer = ask(client, f"/admin/wallet/agent/{world.amy.pk}/", format="xlsx")
        file = client.get(answer.headers["Location"]).getvalue()

        cells = [cell for sheet in openpyxl.load_workbook(io.BytesIO(file)).worksheets
                 for row in sheet.values for cell in row]  # fmt: skip
        assert world.ann.player.username in cells
        assert world.ben.player.username not in cells

    def test_is_refused_where_it_would_show_players_out_of_scope(self, world: World) -> None:
        world.bob.parent = world.amy
        world.bob.save()
        client = visitor(world, sub_channel=world.east)

        answer = ask(client, f"/admin/wallet/agent/{world.amy.pk}/")

        assert "players whom you may not see" in answer.content.decode()
