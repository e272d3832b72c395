"""The audit trail: what the database writes down of every change, and that it stays."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from tests.wallet.money import connect, new_channel, new_player, unique
from wallet import audit, players
from wallet.models import Agent, AuditEvent, Channel, ChannelKey, Player

in_transaction = pytest.mark.django_db


def trail(relation: str, object_id: object) -> list[AuditEvent]:
    return list(
        AuditEvent.objects.filter(relation=relation, object_id=str(object_id)).order_by("id")
    )


def content(columns: dict[str, Any] | None) -> dict[str, Any]:
    assert columns is not None
    return columns


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser(unique("staff"))


@in_transaction
class TestAChangeByAStaffMember:
    def test_names_them_their_address_the_page_and_both_values(self, staff: User) -> None:
        channel = new_channel(name="North")

        with audit.acting(actor_id=staff.pk, address="203.0.113.7", path="/admin/x/"):
            channel.name = "South"
            channel.save()

        created, changed = trail("wallet_channel", channel.pk)
        assert (created.action, created.before) == ("insert", None)
        assert (changed.action, changed.before, changed.after) == (
            "update",
            {"name": "North"},
            {"name": "South"},
        )
        assert (changed.actor, changed.address, changed.path) == (
            staff,
            "203.0.113.7",
            "/admin/x/",
        )
        assert (changed.channel_number, changed.database_role) == (channel.pk, "backoffice_app")

    def test_over_http_is_attributed_by_the_middleware(self, staff: User, client: Client) -> None:
        player = new_player()
        client.force_login(staff)

        page = f"/admin/auth/user/{staff.pk}/change/"
        client.post(page, {"username": staff.username}, REMOTE_ADDR="203.0.113.8")
        players.lock(player=player, reason="after the request")

        (changed,) = [e for e in trail("wallet_player", player.pk) if e.action == "update"]
        assert changed.actor_id is None

    def test_ends_with_its_block_also_when_it_fails(self, staff: User) -> None:
        channel = new_channel(name="North")

        with pytest.raises(ZeroDivisionError), audit.acting(actor_id=staff.pk):
            raise ZeroDivisionError
        channel.name = "South"
        channel.save()

        assert trail("wallet_channel", channel.pk)[-1].actor is None


@in_transaction
class TestAnyOtherChange:
    def test_in_bulk_is_written_row_by_row(self) -> None:
        channel = new_channel()
        rows = [new_player(channel=channel) for _ in range(3)]

        Player.objects.filter(channel=channel).update(nickname="Lily")

        for player in rows:
            assert trail("wallet_player", player.pk)[-1].after == {"nickname": "Lily"}

    def test_that_changes_nothing_leaves_no_trace(self) -> None:
        channel = new_channel()

        Channel.objects.filter(pk=channel.pk).update(name=channel.name)

        assert len(trail("wallet_channel", channel.pk)) == 1

    def test_of_a_deleted_row_keeps_what_it_was(self, staff: User) -> None:
        number = staff.pk
        staff.delete()

        deleted = trail("auth_user", number)[-1]
        assert (deleted.action, deleted.after) == ("delete", None)
        assert content(deleted.before)["username"].startswith("staff")

    def test_that_is_rolled_back_leaves_no_trace(self) -> None:
        channel = new_channel()

        with transaction.atomic():
            Channel.objects.filter(pk=channel.pk).update(name="South")
            transaction.set_rollback(True)

        assert len(trail("wallet_channel", channel.pk)) == 1


@in_transaction
class TestSecrets:
    def test_show_that_they_changed_and_nothing_else(self) -> None:
        player = new_player(password="first-password")
        players.reset_password(player=player, password="second-password")
        channel = player.channel
        agent = Agent.objects.create(channel=channel, agent_id="a", api_password="hush")
        key = ChannelKey.objects.create(
            channel=channel, public_pem="p", private_pem="secret", fingerprint="f", bits=1024
        )

        assert trail("wallet_player", player.pk)[-1].after == {"password": "•••"}
        assert content(trail("wallet_agent", agent.pk)[-1].after)["api_password"] == "•••"
        assert content(trail("wallet_channelkey", key.pk)[-1].after)["private_pem"] == "•••"

    def test_that_are_empty_are_shown_as_empty(self) -> None:
        agent = Agent.objects.create(channel=new_channel(), agent_id="a")

        assert content(trail("wallet_agent", agent.pk)[-1].after)["api_password"] == ""


class TestSqlTypedByHand:
    def test_is_written_with_the_role_that_it_was_typed_as(self, committed_db: None) -> None:
        channel = new_channel(name="North")
        with connect("backoffice_owner") as connection:
            connection.execute("UPDATE wallet_channel SET name = 'By hand' WHERE id = %s",
                               [channel.pk])  # fmt: skip

        event = trail("wallet_channel", channel.pk)[-1]
        assert (event.actor_id, event.database_role) == (None, "backoffice_owner")
        assert event.after == {"name": "By hand"}


class TestTheTrailItself:
    @pytest.fixture
    def owner(self, committed_db: None) -> Iterator[psycopg.Connection[Any]]:
        new_channel()
        with connect("backoffice_owner") as connection:
            yield connection

    @pytest.mark.parametrize(
        "attack",
        [
            "UPDATE wallet_auditevent SET actor_id = 1",
            "DELETE FROM wallet_auditevent",
            "TRUNCATE wallet_auditevent",
        ],
    )
    def test_cannot_be_altered(self, owner: psycopg.Connection[Any], attack: str) -> None:
        with pytest.raises(psycopg.Error, match="immutable"):
            owner.execute(attack)
        with (
            connect() as application,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            application.execute(attack)

    def test_cannot_be_invented(self, committed_db: None) -> None:
        with connect() as application, pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(
                "INSERT INTO wallet_auditevent (at, database_role, path, action, relation,"
                " object_id) VALUES (now(), 'x', '', 'update', 'wallet_channel', '1')"
            )
