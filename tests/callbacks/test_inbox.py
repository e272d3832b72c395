"""The inbox: what is kept of every request, and what must never be."""

import logging
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, DataError
from django.utils import timezone

from callbacks import inbox, retention
from callbacks.inbox import Inbox
from callbacks.models import ReceivedCallback
from callbacks.parsing import parse_object
from callbacks.redaction import MARK, redacted, unreadable
from tests.callbacks.test_transport import start_own_server
from tests.callbacks.world import World, add_key
from wallet.models import ChannelKey

SECRETS = ("pw-lily", "tk-ok", "s-1", "s-0")


class TestRecordedMessage:
    def test_says_what_came_in_and_what_became_of_it(self, world: World) -> None:
        reply = world.send(world.message("bet", seqNo="x"))

        (row,) = world.received("x")
        assert (row.event, row.channel_number) == ("increaseCredit", world.channel.pk)
        assert (row.username, row.round_code) == ("lily08", "BP1-251009101010")
        assert (row.status, row.http_status, row.decision) == (200, 200, "applied")
        assert row.entry == world.entries(source="ebet:1")[0]
        assert row.key == ChannelKey.objects.get(channel=world.channel)
        assert row.address == "127.0.0.1"
        assert 0 < row.microseconds < 5_000_000
        assert parse_object(row.answer.encode()) == parse_object(reply.body)

    def test_names_the_key_that_matched(self, world: World) -> None:
        key = add_key(world.channel, "K2", ChannelKey.State.NEXT)
        world.send(world.message("bet", key="K2", seqNo="x"))

        assert world.received("x")[0].key == key

    def test_a_repeat_points_to_the_same_entry(self, world: World) -> None:
        world.move(1, "-80", "x")
        world.move(1, "-80", "x")

        first, second = world.received("x", at_least=2)
        assert first.entry_id == second.entry_id is not None
        assert (first.decision, second.decision) == ("applied", "replayed")

    @pytest.mark.parametrize(
        ("changes", "status", "note"),
        [
            ({"signature": "AAAA"}, 4026, "no key of the channel signed this"),
            ({"username": "ghost99"}, 4037, "no such player"),
            ({"sessionToken": "s-9"}, 410, "no open session of this player"),
            ({"money": "80"}, 4030, "bad type: money"),
            ({"timestamp": 1577808000000}, 4025, "timestamp outside the window"),
        ],
    )
    def test_a_refusal_is_there_before_its_answer(
        self, world: World, changes: dict[str, Any], status: int, note: str
    ) -> None:
        world.send(world.message("bet", seqNo="x", **changes))

        (row,) = ReceivedCallback.objects.filter(channel_number=world.channel.pk, seq_no="x")
        assert (row.status, row.decision, row.note) == (status, "refused", note)

    def test_rubbish_is_kept_as_its_fingerprint(self, world: World) -> None:
        body = b'{"password":"pw-lily", ' + str(time.time_ns()).encode()
        world.post("/registerOrLogin", body)

        row = ReceivedCallback.objects.filter(event="registerOrLogin", status=4030).latest("id")
        assert row.request == unreadable(body)
        assert "pw-lily" not in row.request


class TestSecrets:
    def test_f08_are_nowhere_in_the_inbox(self, world: World) -> None:
        world.send(world.message("login_password", seqNo="f08"))
        reply = world.send(world.message("login_token", seqNo="f08"))
        world.send(world.message("sync", seqNo="f08"))
        world.send(world.message("notice"))
        world.send(world.message("login_password", seqNo="f08", password="pw-lil", eventType=3))

        rows = world.received("f08", at_least=4)
        assert len(rows) == 4
        for row in rows:
            kept = row.request + row.answer + row.note
            assert reply["sessionToken"] not in kept
            for secret in SECRETS:
                assert f'"{secret}"' not in kept

    def test_f08_are_nowhere_in_the_server_log(self, world: World) -> None:
        world.send(world.message("login_password"))
        world.post("/registerOrLogin", b'{"password":"pw-lily"')

        for log in settings.PATHS.logs.glob("web-*.log"):
            text = log.read_text()
            assert "pw-lily" not in text
            assert "tk-ok" not in text


class TestRedaction:
    def test_marks_secrets_at_any_depth_and_in_any_case(self) -> None:
        document = {"x": [{"Password": "p", "y": {"SESSIONTOKEN": "s"}}], "username": "u"}

        assert redacted(document) == (
            f'{{"x":[{{"Password":"{MARK}","y":{{"SESSIONTOKEN":"{MARK}"}}}}],"username":"u"}}'
        )

    def test_empty_secrets_are_shown_as_empty(self) -> None:
        assert (
            redacted({"password": "", "accessToken": None}) == '{"password":"","accessToken":null}'
        )

    def test_a_signature_over_a_secret_is_one_too(self) -> None:
        assert MARK in redacted({"signature": "abc", "password": "p"}).split("password")[0]
        assert redacted({"signature": "abc", "money": "1"}) == '{"signature":"abc","money":"1"}'

    def test_numbers_keep_their_tokens(self) -> None:
        assert redacted(parse_object(b'{"money":-2.40}')) == '{"money":-2.40}'

    def test_what_is_too_long_keeps_its_plain_members(self) -> None:
        kept = redacted({"seqNo": "x", "detail": ["y" * 100_000]})

        assert '"seqNo":"x"' in kept
        assert len(kept) < 1000


class TestServerThatStops:
    def test_writes_what_is_waiting(self, committed_db: None) -> None:
        world, server = start_own_server("inbox-stop")
        for number in range(50):
            world.send(world.message("sync", seqNo=f"stop-{number}"))

        server.stop()

        kept = ReceivedCallback.objects.filter(
            channel_number=world.channel.pk, seq_no__startswith="stop-"
        )
        assert kept.count() == 50


class TestDatabaseThatIsAway:
    def row(self, seq_no: str) -> ReceivedCallback:
        return ReceivedCallback(
            event="syncCredit",
            seq_no=seq_no,
            request="{}",
            answer="{}",
            status=200,
            decision="answered",
            microseconds=1,
            received_at=timezone.now(),
        )

    def test_rows_wait_for_it(self, committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        seq_no = f"away-{time.time_ns()}"
        failures = iter([DatabaseError("away")] * 2)
        save = ReceivedCallback.save

        def unsteady(self: ReceivedCallback, **options: Any) -> None:
            if error := next(failures, None):
                raise error
            save(self, **options)

        monkeypatch.setattr(ReceivedCallback, "save", unsteady)
        monkeypatch.setattr(inbox, "RETRY_SECONDS", 0.01)
        writer = Inbox()

        writer.put(self.row(seq_no), at_once=True)

        deadline = time.monotonic() + 5
        while (
            not ReceivedCallback.objects.filter(seq_no=seq_no).exists()
            and time.monotonic() < deadline
        ):
            time.sleep(0.01)
        assert ReceivedCallback.objects.filter(seq_no=seq_no).count() == 1

    def test_a_row_that_can_never_be_written_goes_to_the_log(
        self,
        committed_db: None,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def refuse(self: ReceivedCallback, **options: Any) -> None:
            raise DataError("too long")

        monkeypatch.setattr(ReceivedCallback, "save", refuse)
        with caplog.at_level(logging.ERROR, "callbacks.inbox"):
            Inbox().put(self.row("never"), at_once=True)

        assert "Not in the inbox: syncCredit" in caplog.text


class TestRetention:
    def old(self, **values: Any) -> ReceivedCallback:
        return ReceivedCallback.objects.create(
            event="syncCredit",
            request="{}",
            answer="{}",
            status=200,
            decision="answered",
            microseconds=1,
            **{"received_at": timezone.now() - timedelta(days=91), **values},
        )

    def test_forgets_what_was_kept_long_enough(self, db: None) -> None:
        old = self.old()
        recent = self.old(received_at=timezone.now() - timedelta(days=89))
        handled = self.old(case="conflict", handled_at=timezone.now())
        waiting = self.old(case="conflict")

        retention.prune(seconds=5)

        kept = set(ReceivedCallback.objects.values_list("pk", flat=True))
        assert kept.isdisjoint({old.pk, handled.pk})
        assert {recent.pk, waiting.pk} <= kept

    def test_works_in_batches(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retention, "BATCH", 2)
        rows = [self.old() for _ in range(5)]

        assert retention.prune(seconds=5) >= 5
        assert not ReceivedCallback.objects.filter(pk__in=[row.pk for row in rows]).exists()
