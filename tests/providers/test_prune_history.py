"""What is kept long enough goes; what money or proof hangs on stays, whoever asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from providers.models import BulkRun, ProviderAccount, ProvisioningJob
from tests.providers.bulk import ask_for, make_jobs
from tests.wallet.money import new_player, unique
from wallet.db import fetch_row
from wallet.models import (
    AccessToken,
    AuditEvent,
    LedgerEntry,
    LoginEvent,
    Player,
    PlayerSession,
    StaffLogin,
)

pytestmark = pytest.mark.django_db


def _days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def player() -> Player:
    return new_player("100")


def _login(player: Player, days: int) -> LoginEvent:
    return LoginEvent.objects.create(
        channel=player.channel,
        player=player,
        username=player.username,
        outcome=LoginEvent.Outcome.SUCCESS,
        at=_days_ago(days),
    )


def _session(player: Player, days: int, **fields: Any) -> PlayerSession:
    return PlayerSession.objects.create(
        channel=player.channel,
        player=player,
        digest=unique().encode(),
        last_used_at=_days_ago(days),
        **fields,
    )


def _sign_in(days: int) -> StaffLogin:
    return StaffLogin.objects.create(
        username="anna", outcome=StaffLogin.Outcome.SUCCESS, at=_days_ago(days)
    )


def _there(*rows: Any) -> list[bool]:
    return [type(row).objects.filter(pk=row.pk).exists() for row in rows]


class TestPruningTheHistory:
    def test_forgets_what_is_older_than_the_setting_says(self, player: Player) -> None:
        old = _login(player, 366), _session(player, 366), _sign_in(366)
        young = _login(player, 364), _session(player, 364), _sign_in(364)

        call_command("prune_history")

        assert _there(*old, *young) == [False, False, False, True, True, True]

    def test_keeps_what_never_expires(self, player: Player) -> None:
        token = AccessToken.objects.create(
            channel=player.channel,
            player=player,
            digest=b"x",
            fixed=True,
            created_at=_days_ago(900),
        )
        session = _session(player, 900, fixed=True)
        entries, events = LedgerEntry.objects.count(), AuditEvent.objects.count()

        call_command("prune_history")

        assert _there(token, session) == [True, True]
        assert (LedgerEntry.objects.count(), AuditEvent.objects.count()) == (entries, events)

    def test_never_goes_below_ninety_days(self, player: Player, settings: Any) -> None:
        settings.HISTORY_RETENTION_DAYS = 1
        kept = _login(player, 89), _session(player, 89), _sign_in(89)
        gone = _login(player, 91), _sign_in(91)

        call_command("prune_history")

        assert _there(*kept, *gone) == [True, True, True, False, False]

    def test_works_in_batches(self, player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wallet.retention.BATCH", 2)
        for _ in range(5):
            _login(player, 400)

        forgotten: list[int] = []

        def counted(sql: str, values: list[Any]) -> Any:
            row = fetch_row(sql, values)
            forgotten.append(row[0] if row else 0)
            return row

        monkeypatch.setattr("wallet.retention.fetch_row", counted)

        call_command("prune_history")

        assert not LoginEvent.objects.filter(player=player).exists()
        assert forgotten == [2, 2, 1]

    def test_leaves_the_rest_for_the_next_night_when_its_time_is_over(
        self, player: Player, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("providers.management.commands.prune_history.SECONDS", 0)
        old = _login(player, 366), _session(player, 366), _sign_in(366)

        call_command("prune_history")

        assert _there(*old) == [True, True, True]


class TestSignInsOfStaff:
    @pytest.mark.parametrize("days", [0, 400])
    def test_cannot_be_deleted_or_changed_by_the_application(self, days: int) -> None:
        sign_in = _sign_in(days)

        for statement in (
            "DELETE FROM wallet_stafflogin WHERE id = %s",
            "UPDATE wallet_stafflogin SET username = 'x' WHERE id = %s",
        ):
            with (
                pytest.raises(DatabaseError),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement, [sign_in.pk])

        assert _there(sign_in) == [True]


class TestBulkRuns:
    def test_are_forgotten_when_old_and_drafts_that_nobody_confirmed_the_next_day(
        self, account: ProviderAccount, olga: User
    ) -> None:
        old, young, open_run, old_draft, young_draft = (
            ask_for(olga, make_jobs(account, 2)) for _ in range(5)
        )
        now = timezone.now()
        ended = {"state": "done", "finished_at": now - timedelta(days=366)}
        BulkRun.objects.filter(pk=old.pk).update(**ended)
        ended["finished_at"] = now - timedelta(days=364)
        BulkRun.objects.filter(pk=young.pk).update(**ended)
        long_ago = now - timedelta(days=400)
        BulkRun.objects.filter(pk=open_run.pk).update(requested_at=long_ago)
        yesterday = now - timedelta(hours=25)
        BulkRun.objects.filter(pk=old_draft.pk).update(state="draft", requested_at=yesterday)
        BulkRun.objects.filter(pk=young_draft.pk).update(state="draft")

        call_command("prune_history")

        kept = list(BulkRun.objects.order_by("pk").values_list("pk", flat=True))
        assert kept == [young.pk, open_run.pk, young_draft.pk]
        assert [run.items.count() for run in BulkRun.objects.all()] == [2, 2, 2]
        assert ProvisioningJob.objects.count() == 10
