"""Many workers on one outbox: nothing twice, nothing over the target's limits."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from providers import provisioning, pushing, queue
from providers.models import ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.committed import World
from tests.providers.conftest import Service

PLAYERS = 12


@pytest.fixture
def world(committed_db: None, hrg: Service, beiying: Service) -> Iterator[World]:
    world = World.create(hrg, beiying)
    for number in range(PLAYERS):
        world.register(number)
    yield world
    world.end()


def in_threads(count: int, work: object, *arguments: object) -> list[object]:
    """What `work` answers in each of `count` threads that start together."""
    barrier = threading.Barrier(count)

    def run() -> object:
        barrier.wait()
        try:
            return work(*arguments)  # type: ignore[operator]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


class TestManyWorkers:
    def test_send_every_job_once(self, world: World) -> None:
        def push_both() -> int:
            return sum(
                pushing.push_target(target_id=target, seconds=20) for target in world.targets
            )

        pushed = in_threads(6, push_both)
        assert sum(map(int, map(str, pushed))) == 2 * PLAYERS
        world.assert_every_player_exists_once(PLAYERS)
        for service in (world.hrg, world.beiying):
            assert len(service.simulator.requests) == PLAYERS

    def test_never_call_more_often_at_once_than_the_target_allows(self, world: World) -> None:
        Target.objects.filter(pk__in=world.targets).update(max_concurrency=2)
        world.hrg.simulator.faults.add(Fault(kind="delay", value=15, times=0))
        busy: list[int] = []
        answer = world.hrg.simulator._carry_out
        sending = ProvisioningJob.objects.filter(target=world.targets[0], state="sending")

        def counting(request: object) -> object:
            busy.append(sending.count())
            connections.close_all()
            return answer(request)  # type: ignore[arg-type]

        world.hrg.simulator._carry_out = counting  # type: ignore[method-assign,assignment]
        in_threads(6, lambda: pushing.push_target(target_id=world.targets[0], seconds=20))
        # A worker that found the target full left; what remains is the sweep's.
        while pushing.push_target(target_id=world.targets[0], seconds=20):
            pass
        assert len(busy) == PLAYERS
        assert max(busy) == 2

    def test_claim_a_single_job_once(self, world: World) -> None:
        ProvisioningJob.objects.filter(channel=world.channel).exclude(
            player__username="lily000"
        ).update(state="cancelled")
        claims = in_threads(8, lambda: queue.claim(target_id=world.targets[0]))
        assert [claim is not None for claim in claims].count(True) == 1


class TestARowThatSomebodyHolds:
    def test_does_not_hold_up_the_others(self, world: World) -> None:
        first = ProvisioningJob.objects.filter(target=world.targets[0]).order_by("id")[0]
        with transaction.atomic():
            ProvisioningJob.objects.select_for_update().get(pk=first.pk)
            [claim] = in_threads(1, lambda: queue.claim(target_id=world.targets[0]))
        assert isinstance(claim, queue.Claim)
        assert claim.job.pk != first.pk


class TestAskingForOneAccountFromManySides:
    def test_writes_one_job(self, world: World) -> None:
        player = world.register(100)
        ProvisioningJob.objects.filter(player=player).update(state="cancelled")
        target = world.agent.target

        def ask() -> bool:
            try:
                provisioning.request_account(player=player, target=target)
            except provisioning.AlreadyInHand:
                return False
            return True

        assert in_threads(6, ask).count(True) == 1
        jobs = ProvisioningJob.objects.filter(player=player, target=target)
        assert jobs.exclude(state="cancelled").count() == 1
