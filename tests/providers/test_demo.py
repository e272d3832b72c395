"""The demo's world: loaded once, left alone afterwards, never in production."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db.models import Count, QuerySet, Sum
from django.utils import timezone
from pytest_django import Settings

from providers.demo import history, people
from providers.ebet.signing import is_pair
from providers.models import BeiyingSite
from wallet import ledger, players
from wallet.models import (
    AccessToken,
    Agent,
    Channel,
    EntryKind,
    LedgerEntry,
    LedgerLeg,
    Player,
    PlayerSession,
    Wallet,
)
from wallet.secrets import token_digest

pytestmark = pytest.mark.django_db

CHANNELS = (1, 20, 305)


@pytest.fixture
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "demo"


@pytest.fixture
def small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "COUNTS", {1: 8, 20: 8, 305: 8})


def ours() -> QuerySet[LedgerEntry]:
    return LedgerEntry.objects.filter(channel__in=CHANNELS)


def everyone() -> QuerySet[Player]:
    return Player.objects.filter(channel__in=CHANNELS)


def demo() -> str:
    output = StringIO()
    call_command("demo", stdout=output)
    return output.getvalue()


class TestTheDemo:
    def test_has_two_hundred_players(self) -> None:
        assert people.COUNTS.keys() == set(CHANNELS)
        assert sum(people.COUNTS.values()) == 200

    def test_reproduces_the_examples_of_the_documents_beside_a_living_world(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(people, "COUNTS", {1: 12, 20: 30, 305: 18})  # what 200 do takes longer

        demo()

        channel = Channel.objects.get(pk=1)
        assert (channel.timestamp_tolerance, channel.currency) == (0, "CNY")
        assert channel.allowed_networks == ["127.0.0.1/32", "::1/128"]
        player = Player.objects.get(channel=1, username="demo")
        assert (player.user_id, player.currency) == (127001, "CNY")
        assert players.check_password(player=player, password="hidden")
        assert dict(player.wallets.values_list("type_id", "balance")) == {
            0: Decimal("1234567.89")
        } | dict.fromkeys(range(1, 7), Decimal(0))
        tokens = player.access_tokens.filter(fixed=True).values_list("digest", flat=True)
        assert {bytes(digest) for digest in tokens} == {
            token_digest("cb5ec14db7755109221800fe6ee331b5"),
            token_digest("584c26e798deffc96cc7af073c184cd0"),
        }
        tester = Player.objects.get(channel=1, username="apitest01")
        assert tester.wallets.get(type_id=0).balance == Decimal("1000.01")
        session = PlayerSession.objects.live().get(player=tester)
        assert bytes(session.digest) == token_digest("sessionToken")
        assert Agent.objects.get(agent_id="hrgag").api_url == "http://127.0.0.1:8091"
        assert BeiyingSite.objects.get(channel=1).api_url == "http://127.0.0.1:8092"

        assert Channel.objects.filter(pk__in=CHANNELS).count() == 3
        assert everyone().count() == 62
        assert 1_000 <= ours().count() <= 2_000
        self.check_history()
        self.check_files(directory)

    def check_history(self) -> None:
        now = timezone.now()
        entries = ours().exclude(kind=EntryKind.OPENING)
        kinds = dict(entries.values_list("kind").annotate(Count("id")))
        assert kinds.keys() >= {
            "bet", "payout", "tip", "refund", "hold", "release", "deposit", "withdrawal",
            "bonus", "adjustment", "correction",
        }  # fmt: skip
        assert entries.filter(kind="payout", amount=0).exists()
        refused = entries.filter(outcome="refused")
        assert 1 <= refused.count() <= 40
        assert set(refused.values_list("code", flat=True)) == {"insufficient_funds"}
        assert not entries.filter(occurred_at__gt=now).exists()
        assert not entries.filter(occurred_at__lt=now - timedelta(weeks=3, hours=1)).exists()
        legs = LedgerLeg.objects.filter(channel__in=CHANNELS).aggregate(total=Sum("amount"))[
            "total"
        ]
        assert legs == 0
        sums = ours().values("wallet").annotate(total=Sum("amount"))
        balances = dict(Wallet.objects.values_list("pk", "balance"))
        assert all(balances[row["wallet"]] == row["total"] for row in sums)

    def check_files(self, directory: Path) -> None:
        assert is_pair(
            (directory / "ebet.pub.pem").read_text(), (directory / "ebet.pem").read_text()
        )
        for name in ("ebet.pem", "staff.json", "provision.json"):
            assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
        passwords = json.loads((directory / "staff.json").read_text())
        admin = User.objects.get(username="admin")
        assert admin.is_superuser
        assert admin.check_password(passwords["admin"])
        finance = User.objects.get(username="finance")
        assert finance.check_password(passwords["finance"])
        assert [group.name for group in finance.groups.all()] == ["Finance"]


@pytest.mark.usefixtures("small_world")
class TestASecondRun:
    def test_leaves_what_it_finds(self, directory: Path) -> None:
        demo()
        Channel.objects.filter(pk=1).update(name="Renamed")
        entries = ours().count()
        keys = (directory / "ebet.pem").read_bytes()

        assert demo() == "The demo is loaded already.\n"

        assert Channel.objects.get(pk=1).name == "Renamed"
        assert ours().count() == entries
        assert (directory / "ebet.pem").read_bytes() == keys

    def test_follows_the_simulators_to_other_ports(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        demo()
        entries = ours().count()
        monkeypatch.setenv("HRG_SIMULATOR_PORT", "9191")

        demo()

        assert Agent.objects.get(agent_id="hrgag").api_url == "http://127.0.0.1:9191"
        assert ours().count() == entries
        assert AccessToken.objects.filter(channel__in=CHANNELS).count() == 2

    def test_makes_lost_files_again(self, directory: Path) -> None:
        demo()
        for path in directory.iterdir():
            path.unlink()

        demo()

        key = Channel.objects.get(pk=1).keys.get(state="active")
        assert key.public_pem == (directory / "ebet.pub.pem").read_text()
        passwords = json.loads((directory / "staff.json").read_text())
        for username, password in passwords.items():
            assert User.objects.get(username=username).check_password(password)

    def test_goes_on_where_the_first_was_killed(
        self, directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches: list[int] = []

        def dying(*, movements: list[ledger.Movement]) -> list[ledger.Posting | ledger.LedgerError]:
            batches.append(len(movements))
            if len(batches) == 2:
                raise KeyboardInterrupt
            return post_batch(movements=movements)

        post_batch = ledger.post_batch
        monkeypatch.setattr(history, "BATCH", 20)
        monkeypatch.setattr(ledger, "post_batch", dying)
        with pytest.raises(KeyboardInterrupt):
            demo()
        assert ours().exclude(kind="opening").exists()
        monkeypatch.setattr(ledger, "post_batch", post_batch)

        demo()

        total = ours().exclude(kind="opening").count()
        assert total > 100
        assert ours().values("reference", "source").distinct().count() == (ours().count())
        assert everyone().count() == 26
        assert everyone().exclude(status="active").count() > 0

    def test_makes_the_world_again_for_a_new_database(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "provision.json").write_text("{}")

        demo()

        assert everyone().count() == 26
        assert ours().filter(kind="bet").exists()


class TestProduction:
    def test_refuses_the_demo(self, directory: Path, settings: Settings) -> None:
        settings.EMBEDDED = False

        with pytest.raises(CommandError, match="The demo is not for production"):
            demo()

        assert not Channel.objects.filter(pk__in=CHANNELS).exists()
        assert not directory.exists()
