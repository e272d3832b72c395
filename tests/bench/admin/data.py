"""A database as it is after ninety days of business, written set by set."""

# ruff: noqa: T201

from __future__ import annotations

import time
from pathlib import Path

import psycopg
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command

from config.embedded.paths import DATABASE, SUPERUSER
from wallet.models import Agent, Channel, StaffScope, SubChannel
from wallet.roles import AUDITOR

HERE = Path(__file__).parent
CHANNELS = range(1, 9)
CHUNK = 500_000
EVERYTHING, ONE_CHANNEL, ONE_SUB_CHANNEL = "bench", "bench-channel", "bench-sub-channel"


def fill(rows: int) -> None:
    """Channels, staff and players, then so many entries and what is written beside them."""
    began = time.monotonic()
    call_command("migrate", verbosity=0)
    _channels()
    _staff()
    host = str(settings.PATHS.sockets)
    with psycopg.connect(host=host, user=SUPERUSER, dbname=DATABASE, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers
        connection.execute("SELECT set_config('bench.rows', %s, false)", [str(rows)])
        connection.execute((HERE / "players.sql").read_bytes())
        connection.execute("ANALYZE")
        entries = (HERE / "entries.sql").read_bytes()
        for first in range(1, rows + 1, CHUNK):
            last = min(first + CHUNK - 1, rows)
            connection.execute(
                "SELECT set_config('bench.first', %s, false), set_config('bench.last', %s, false)",
                [str(first), str(last)],
            )
            connection.execute(entries)
            print(f"{last:>12,} entries after {time.monotonic() - began:.0f} s", flush=True)
        connection.execute((HERE / "rest.sql").read_bytes())
        connection.execute("SELECT ledger_roll_up()")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    print(f"the rest after {time.monotonic() - began:.0f} s", flush=True)


def _channels() -> None:
    from providers.models import BeiyingSite

    for number in CHANNELS:
        channel = Channel.objects.create(pk=number, name=f"Bench {number}", currency="CNY")
        subs = [
            SubChannel.objects.create(channel=channel, number=n, name=f"Part {n}")
            for n in range(1, 5)
        ]
        for n in range(1, 21):
            Agent.objects.create(channel=channel, agent_id=f"agent{n}", sub_channel=subs[n % 3])
        BeiyingSite.objects.create(
            channel=channel, api_url="https://beiying.invalid", site_id=number, secret_key="none"
        )


def _staff() -> None:
    """Who looks: one who sees everything, one of the largest channel, one of its smallest part."""
    User.objects.create_superuser(EVERYTHING)
    channel = Channel.objects.get(pk=1)
    for name in (ONE_CHANNEL, ONE_SUB_CHANNEL):
        user = User.objects.create(username=name, is_staff=True)
        user.groups.add(Group.objects.get(name=AUDITOR))
        part = channel.sub_channels.get(number=4) if name == ONE_SUB_CHANNEL else None
        StaffScope.objects.create(user=user, channel=channel, sub_channel=part)
