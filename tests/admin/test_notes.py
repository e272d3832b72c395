"""Notes about players: written, pinned, withdrawn, never edited."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from tests.admin.world import Side, World
from wallet import notes
from wallet.models import AuditEvent, Note


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.roles["Operations"])
    return client


def _write(client: Client, side: Side, **data: str) -> str:
    address = f"/admin/wallet/player/{side.player.pk}/add-note/"
    return client.post(address, data, follow=True).content.decode()


def _do(client: Client, note: Note, what: str, **data: str) -> str:
    path = f"/admin/wallet/note/{note.pk}/{what}/"
    return client.post(path, data, follow=True).content.decode()


class TestANote:
    def test_is_kept_with_its_author_and_audited(self, world: World, client_of: Client) -> None:
        page = _write(client_of, world.here, text="Asked for a limit.\nPromised by phone.")

        note = Note.objects.latest("pk")
        assert "The note was written." in page
        assert (note.player, note.author) == (world.here.player, world.roles["Operations"])
        assert (note.text, note.pinned) == ("Asked for a limit.\nPromised by phone.", False)
        event = AuditEvent.objects.get(relation="wallet_note", object_id=str(note.pk))
        assert (event.action, event.actor) == ("insert", world.roles["Operations"])

    def test_stands_on_the_players_page(self, world: World, client_of: Client) -> None:
        player = reverse("admin:wallet_player_change", args=[world.here.player.pk])

        overview = client_of.get(player).content.decode()
        tab = client_of.get(f"{player}?tab=notes").content.decode()

        assert "calls at night" not in overview
        assert "calls at night" in tab

    def test_that_is_pinned_stands_above_every_tab(self, world: World, client_of: Client) -> None:
        _do(client_of, world.here.note, "pin")

        page = client_of.get(
            reverse("admin:wallet_player_change", args=[world.here.player.pk]) + "?tab=ledger"
        )

        assert "calls at night" in page.content.decode()

    def test_that_is_empty_is_refused(self, world: World, client_of: Client) -> None:
        before = Note.objects.count()

        page = _write(client_of, world.here, text=" ")

        assert "This field is required." in page
        assert Note.objects.count() == before

    def test_shows_markup_as_text(self, world: World, client_of: Client) -> None:
        _write(client_of, world.here, text="<script>alert(1)</script>", pinned="on")

        page = client_of.get(reverse("admin:wallet_player_change", args=[world.here.player.pk]))

        assert "<script>alert(1)" not in page.content.decode()


class TestWithdrawingANote:
    def test_keeps_its_text_with_the_reason(self, world: World, client_of: Client) -> None:
        note = world.here.note

        page = _do(client_of, note, "withdraw", reason="another player")

        note.refresh_from_db()
        assert "The note was withdrawn." in page
        assert (note.withdrawn_by, note.withdrawal_reason, note.pinned) == (
            world.roles["Operations"],
            "another player",
            False,
        )
        assert "<del" in page
        assert "calls at night" in page

    def test_needs_a_reason(self, world: World, client_of: Client) -> None:
        page = _do(client_of, world.here.note, "withdraw", reason="")

        world.here.note.refresh_from_db()
        assert "This field is required." in page
        assert world.here.note.withdrawn_at is None

    def test_happens_once(self, world: World) -> None:
        note = world.here.note
        notes.withdraw(note=note, by=world.superuser, reason="wrong")

        with pytest.raises(notes.NoteError):
            notes.withdraw(note=note, by=world.superuser, reason="again")

        note.refresh_from_db()
        assert note.withdrawal_reason == "wrong"

    def test_by_get_changes_nothing(self, world: World, client_of: Client) -> None:
        client_of.get(f"/admin/wallet/note/{world.here.note.pk}/withdraw/")

        world.here.note.refresh_from_db()
        assert world.here.note.withdrawn_at is None


class TestWhoMayNot:
    def test_write_a_note_is_refused(self, world: World) -> None:
        client = Client()
        client.force_login(world.roles["Auditor"])
        before = Note.objects.count()

        response = client.post(
            f"/admin/wallet/player/{world.here.player.pk}/add-note/", {"text": "x"}
        )

        assert response.status_code == 403
        assert Note.objects.count() == before

    def test_see_the_channel_reaches_no_note_of_it(self, world: World, client_of: Client) -> None:
        note = world.elsewhere.note

        answer = client_of.post(f"/admin/wallet/note/{note.pk}/withdraw/", {"reason": "x"})
        page = client_of.get(reverse("admin:wallet_note_changelist")).content.decode()

        note.refresh_from_db()
        assert answer.status_code == 404
        assert note.withdrawn_at is None
        assert "anna7001" in page
        assert "anna7002" not in page


class TestTheDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE wallet_note SET text = 'other' WHERE id = %s",
            "UPDATE wallet_note SET author_id = author_id + 1 WHERE id = %s",
            "UPDATE wallet_note SET at = now() - interval '1 year' WHERE id = %s",
            "UPDATE wallet_note SET withdrawn_at = now() WHERE id = %s",
        ],
    )
    def test_refuses_to_rewrite_a_note(self, world: World, statement: str) -> None:
        note = world.here.note

        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [note.pk])

        note.refresh_from_db()
        assert (note.text, note.withdrawn_at) == ("calls at night", None)

    def test_refuses_to_take_a_withdrawal_back(self, world: World) -> None:
        notes.withdraw(note=world.here.note, by=world.superuser, reason="wrong")

        with pytest.raises(IntegrityError), transaction.atomic():
            Note.objects.filter(pk=world.here.note.pk).update(
                withdrawn_at=None, withdrawn_by=None, withdrawal_reason=""
            )
