"""Killing what can be killed, at any moment: no account lost, none twice.

The simulators' books are the witnesses. The long form, over other brokers and with
the database server itself killed, is `make test-brokers`.
"""

import random
import time
from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import connections

from providers import dispatch, tasks
from providers.models import ProvisioningJob
from providers.simulators.faults import Fault
from tests.providers.committed import World, until
from tests.providers.conftest import Service
from tests.providers.worker import Worker

PLAYERS = 15


@pytest.fixture
def world(committed_db: None, hrg: Service, beiying: Service) -> Iterator[World]:
    world = World.create(hrg, beiying)
    for simulator in world.simulators:
        simulator.faults.add(Fault(kind="delay", value=20, times=0))
    yield world
    world.end()


def settle(world: World) -> bool:
    """Sweep as the clock would, with the waiting shortened, until everything is done."""

    def done() -> bool:
        world.let_time_pass()
        tasks.sweep()
        return world.states() == {ProvisioningJob.State.DONE}

    return until(done, seconds=60, between=0.2)


class TestKillingTheWorker:
    def test_at_random_moments_loses_and_doubles_nothing(
        self, world: World, worker: Worker
    ) -> None:
        chance = random.Random(5)
        for number in range(PLAYERS):
            world.register(number)
        for _kill in range(2):
            worker.start()
            tasks.sweep()
            time.sleep(chance.uniform(0.05, 0.3))
            worker.kill()
            world.let_leases_run_out()
        worker.start()
        assert settle(world)
        world.assert_every_player_exists_once(PLAYERS)

    def test_right_after_the_provider_did_it_doubles_nothing(
        self, world: World, worker: Worker
    ) -> None:
        world.register(0)
        worker.start()
        for simulator in world.simulators:
            simulator.faults.add(Fault(kind="drop_after", times=1))

        def did_it() -> bool:
            tasks.sweep()
            return world.hrg.count() == 1 and world.beiying.count() == 1

        assert until(did_it, between=0.5)
        worker.kill()
        world.let_leases_run_out()
        worker.start()
        assert settle(world)
        world.assert_every_player_exists_once(1)


class TestLosingTheBroker:
    def test_with_all_its_messages_loses_nothing(self, world: World, worker: Worker) -> None:
        for number in range(PLAYERS):
            world.register(number)
        with current_app.connection_for_write() as connection:
            connection.channel().client.flushdb()  # type: ignore[attr-defined]
        worker.start()
        assert settle(world)
        world.assert_every_player_exists_once(PLAYERS)

    def test_while_registering_fails_no_registration(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(current_app, "send_task", _no_broker)
        monkeypatch.setattr(dispatch, "_broker_failed_at", float("-inf"))
        for number in range(3):
            world.register(number)
        jobs = ProvisioningJob.objects.filter(channel=world.channel)
        assert jobs.filter(state=ProvisioningJob.State.PENDING).count() == 6


class TestLosingTheDatabase:
    def test_connections_at_random_moments_loses_and_doubles_nothing(
        self, world: World, worker: Worker
    ) -> None:
        chance = random.Random(7)
        for number in range(PLAYERS):
            world.register(number)
        worker.start()
        tasks.sweep()
        cut = 0
        for _cut in range(4):
            time.sleep(chance.uniform(0.05, 0.2))
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user"
                    " AND pid <> pg_backend_pid()"
                )
                cut += cursor.fetchone()[0]
            tasks.sweep()
        assert cut > 0
        worker.kill()
        world.let_leases_run_out()
        worker.start()
        assert settle(world)
        world.assert_every_player_exists_once(PLAYERS)


def _no_broker(*args: object, **kwargs: object) -> None:
    raise OSError("no broker")
