"""The outbox over three brokers, with every part of the product killed at random moments.

Workers, the broker, PostgreSQL, the process that registers players and the network to
the providers all go and come back while players register. In the end the simulators'
books must hold every player of the database once, and nobody else.
"""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connections

from config.embedded import postgres
from config.embedded.process import CannotStart, Process
from providers.models import ProviderAccount, ProvisioningJob
from providers.simulators.faults import Fault
from tests.providers.brokers.servers import KINDS, Broker, kill, need, python
from tests.providers.committed import World, until
from tests.providers.conftest import Service

PLAYERS = int(os.environ.get("BROKER_TEST_PLAYERS", "150"))
ROUNDS = int(os.environ.get("BROKER_TEST_ROUNDS", "10"))
SEED = int(os.environ.get("BROKER_TEST_SEED", "1"))

FAULTS = ("drop_before", "drop_after", "garbage", "status", "status_after")


class Product:
    """Everything that runs, each part of which can be killed and started again."""

    def __init__(
        self, broker: Broker, world: World, directory: Path, databases: list[Process]
    ) -> None:
        self.databases = databases
        self.broker, self.world, self.directory = broker, world, directory
        self.worker = self._start_worker()
        self.registrar = self._start_registrar()

    def _start_worker(self) -> Process:
        return python(
            "worker",
            *("-m", "celery", "--app", "tests.providers.brokers.app", "worker", "--beat"),
            *("--concurrency", "2", "--schedule", str(self.directory / "beat")),
            *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
            broker=self.broker,
            log=self.directory / "worker.log",
        )

    def _start_registrar(self) -> Process:
        return python(
            "registrar",
            *("-m", "tests.providers.brokers.register", str(self.world.agent.pk), str(PLAYERS)),
            broker=self.broker,
            log=self.directory / "registrar.log",
        )

    def kill_worker(self) -> None:
        kill(self.worker)
        self._after_restart(self.world.let_leases_run_out)
        self.worker = self._start_worker()

    def kill_broker(self) -> None:
        self.broker.kill()
        time.sleep(0.5)
        self.broker.start()

    def kill_postgres(self) -> None:
        pid_file = settings.PATHS.postgres_data / "postmaster.pid"
        pid = int(pid_file.read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)  # it is our child, and a zombie would count as running
        connections.close_all()
        # Its orphans take a moment to notice, and until then no other may start.
        assert until(self._start_postgres, seconds=30, between=0.5)

    def _start_postgres(self) -> bool:
        with suppress(CannotStart):
            self.databases.append(postgres.start(settings.PATHS))
            return True
        return False

    def kill_registrar(self) -> None:
        kill(self.registrar)
        self.registrar = self._start_registrar()

    def break_network(self, chance: random.Random) -> None:
        for simulator in self.world.simulators:
            for _fault in range(5):
                simulator.faults.add(Fault(kind=chance.choice(FAULTS), value=503))

    def registered_all(self) -> bool:
        assert self.registrar.exit_code in (None, 0), self.registrar.last_words()
        return self.registrar.exit_code == 0

    def pushed_all(self) -> bool:
        self._after_restart(self.world.let_time_pass)
        with suppress(DatabaseError):
            return self.world.states() == {ProvisioningJob.State.DONE}
        return False

    def _after_restart(self, change: Callable[[], None]) -> None:
        """The server may just have come back, and old connections with it."""
        with suppress(DatabaseError):
            change()
            return
        connections.close_all()

    def stop(self) -> None:
        kill(self.registrar)
        kill(self.worker)
        self.broker.stop()


@pytest.fixture(scope="session")
def databases() -> Iterator[list[Process]]:
    """The servers that took the place of killed ones; the last one serves the next test."""
    started: list[Process] = []
    yield started
    for server in started:
        server.stop()


@pytest.fixture(params=KINDS)
def product(
    request: pytest.FixtureRequest,
    committed_db: None,
    hrg: Service,
    beiying: Service,
    tmp_path: Path,
    databases: list[Process],
) -> Iterator[Product]:
    for program in ("redis-server", "rabbitmq-server"):
        need(program)
    world = World.create(hrg, beiying)
    for simulator in world.simulators:
        simulator.faults.add(Fault(kind="delay", value=15, times=0))
    broker = KINDS[request.param](tmp_path / "broker")
    broker.start()
    product = Product(broker, world, tmp_path, databases)
    try:
        yield product
    finally:
        product.stop()
        world.end()


class TestKillingAnythingAtAnyMoment:
    @pytest.mark.timeout(900)
    def test_loses_no_account_and_doubles_none(self, product: Product) -> None:
        chance = random.Random(SEED)
        assert until(product.world.has_begun, seconds=60)
        deeds: list[Callable[[], None]] = [
            product.kill_worker,
            product.kill_broker,
            product.kill_postgres,
            product.kill_registrar,
            lambda: product.break_network(chance),
        ]
        for number in range(ROUNDS):
            time.sleep(chance.uniform(0.2, 2))
            deed = deeds[number] if number < len(deeds) else chance.choice(deeds)
            deed()
        assert until(product.registered_all, seconds=120)
        assert until(product.pushed_all, seconds=300, between=0.5), product.world.states()
        product.world.assert_every_player_exists_once(PLAYERS)
        in_doubt = ProviderAccount.objects.filter(channel=product.world.channel).exclude(
            confirmed_by="answer"
        )
        # Otherwise nothing was ever killed at a moment that mattered.
        assert in_doubt.exists()
