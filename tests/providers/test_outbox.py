"""The outbox: written with the player, claimed by one worker at a time, never lost."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone

from providers import provisioning, pushing, queue, targets
from providers.models import BeiyingSite, JobAttempt, ProviderAccount, ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, target_of, the_job
from wallet.models import Agent, Player

State = ProvisioningJob.State


def claim(target: Target) -> queue.Claim:
    claimed = queue.claim(target_id=target.pk)
    assert isinstance(claimed, queue.Claim)
    return claimed


class TestRegisteringAPlayer:
    def test_writes_one_job_for_every_target(
        self, register: Register, agent: Agent, site: BeiyingSite
    ) -> None:
        player = register(agent=agent)
        jobs = ProvisioningJob.objects.filter(player=player).order_by("target__provider")
        assert [(job.target, job.state, job.kind) for job in jobs] == [
            (site.target, State.PENDING, "create"),
            (agent.target, State.PENDING, "create"),
        ]

    def test_writes_none_where_there_is_no_target(self, register: Register) -> None:
        register()
        assert not ProvisioningJob.objects.exists()

    def test_writes_none_for_an_agent_without_api(self, register: Register, agent: Agent) -> None:
        other = Agent.objects.create(channel=agent.channel, agent_id="acme02")
        register(agent=other)
        assert not ProvisioningJob.objects.exists()

    def test_that_is_rolled_back_leaves_no_job(self, register: Register, agent: Agent) -> None:
        with transaction.atomic():
            register(agent=agent)
            transaction.set_rollback(True)
        assert not Player.objects.exists()
        assert not ProvisioningJob.objects.exists()
        assert not ProviderAccount.objects.exists()

    def test_succeeds_even_when_the_outbox_cannot_be_written(
        self, register: Register, agent: Agent
    ) -> None:
        with mock.patch.object(ProvisioningJob, "save", side_effect=RuntimeError("broken")):
            player = register(agent=agent)
        assert Player.objects.get() == player
        assert not ProvisioningJob.objects.exists()
        assert provisioning.enqueue_missing(target=target_of(agent)) == 1
        assert the_job(player).state == State.PENDING

    def test_calls_no_provider(self, register: Register, agent: Agent, hrg: Service) -> None:
        register(agent=agent)
        assert not hrg.simulator.requests

    def test_settles_name_and_password_before_the_first_request(
        self, register: Register, site: BeiyingSite
    ) -> None:
        register()
        account = ProviderAccount.objects.get()
        assert account.external_name == "lily08"
        assert len(account.password) == 16
        assert account.confirmed_at is None

    def test_keeps_the_password_encrypted(self, register: Register, site: BeiyingSite) -> None:
        register()
        password = ProviderAccount.objects.get().password
        with transaction.get_connection().cursor() as cursor:
            cursor.execute("SELECT password FROM providers_provideraccount")
            [stored] = cursor.fetchone()
        assert password not in stored
        assert stored.startswith("gAAAA")

    def test_gives_every_player_another_password(
        self, register: Register, site: BeiyingSite
    ) -> None:
        register("lily08")
        register("mona09")
        assert len(set(ProviderAccount.objects.values_list("password"))) == 2


class TestAskingForAnAccount:
    def test_twice_is_refused(self, register: Register, agent: Agent) -> None:
        player = register(agent=agent)
        with pytest.raises(provisioning.AlreadyInHand):
            provisioning.request_account(player=player, target=target_of(agent))
        assert ProvisioningJob.objects.count() == 1

    def test_for_older_players_writes_what_is_missing_once(
        self, register: Register, agent: Agent
    ) -> None:
        old = [register(f"old{number}") for number in range(3)]
        Player.objects.filter(pk__in=[player.pk for player in old]).update(agent=agent)
        register("new1", agent=agent)
        target = target_of(agent)
        assert provisioning.enqueue_missing(target=target, limit=2) == 2
        assert provisioning.enqueue_missing(target=target) == 1
        assert provisioning.enqueue_missing(target=target) == 0
        assert ProvisioningJob.objects.count() == 4

    def test_for_older_players_leaves_closed_ones_alone(
        self, register: Register, agent: Agent
    ) -> None:
        register("old1", status=Player.Status.CLOSED)
        Player.objects.update(agent=agent)
        assert provisioning.enqueue_missing(target=target_of(agent)) == 0


class TestAClaim:
    def test_takes_the_oldest_due_job(self, register: Register, agent: Agent) -> None:
        first = register("first1", agent=agent)
        register("second1", agent=agent)
        claimed = claim(target_of(agent))
        assert claimed.job.player == first
        job = the_job(first)
        assert (job.state, job.attempts) == (State.SENDING, 1)
        assert job.lease_token == claimed.token
        assert job.lease_until is not None
        assert job.lease_until > timezone.now() + timedelta(seconds=80)

    def test_is_not_given_twice(self, register: Register, agent: Agent) -> None:
        register(agent=agent)
        claim(target_of(agent))
        assert queue.claim(target_id=agent.target.pk) is None

    def test_waits_for_the_hour(self, register: Register, agent: Agent) -> None:
        register(agent=agent)
        ProvisioningJob.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=5))
        assert queue.claim(target_id=agent.target.pk) is None

    @pytest.mark.parametrize("state", [Target.State.TRIPPED, Target.State.PAUSED])
    def test_is_refused_by_a_stopped_target(
        self, register: Register, agent: Agent, state: str
    ) -> None:
        register(agent=agent)
        Target.objects.update(state=state)
        assert queue.claim(target_id=agent.target.pk) is None

    def test_keeps_to_the_targets_concurrency(self, register: Register, agent: Agent) -> None:
        for number in range(3):
            register(f"lily{number}", agent=agent)
        Target.objects.update(max_concurrency=2)
        target = target_of(agent)
        claim(target)
        claim(target)
        assert queue.claim(target_id=target.pk) is None

    def test_keeps_to_the_targets_rate(self, register: Register, agent: Agent) -> None:
        for number in range(2):
            register(f"lily{number}", agent=agent)
        Target.objects.update(calls_per_minute=60)
        target = target_of(agent)
        claim(target)
        wait = queue.claim(target_id=target.pk)
        assert isinstance(wait, queue.Wait)
        assert timedelta(0) < wait.until - timezone.now() <= timedelta(seconds=1)

    @pytest.mark.parametrize("state", [State.PENDING, State.UNKNOWN, State.PAUSED])
    def test_keeps_the_order_of_a_player(
        self, register: Register, agent: Agent, state: str
    ) -> None:
        player = register(agent=agent)
        earlier = the_job(player)
        later = ProvisioningJob.objects.create(
            target=earlier.target,
            player=player,
            channel=player.channel,
            account=earlier.account,
            kind=ProvisioningJob.Kind.FUND,
        )
        tomorrow = timezone.now() + timedelta(days=1)
        ProvisioningJob.objects.filter(pk=earlier.pk).update(state=state, next_attempt_at=tomorrow)
        assert queue.claim(target_id=agent.target.pk) is None
        ProvisioningJob.objects.filter(pk=earlier.pk).update(state=State.DONE)
        assert claim(target_of(agent)).job == later

    def test_waits_for_every_call_of_the_job_before(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        """A lost answer costs a second call, and with it a second turn."""
        for number in range(2):
            register(f"lily{number}", agent=agent)
        Target.objects.update(calls_per_minute=6)
        hrg.simulator.faults.add(Fault(kind="drop_after", path="/api/create_user"))
        began = timezone.now()
        assert pushing.push_target(target_id=agent.target.pk, seconds=5) == 1
        assert len(hrg.simulator.requests) == 2
        wait = queue.claim(target_id=agent.target.pk)
        assert isinstance(wait, queue.Wait)
        assert timedelta(seconds=20) <= wait.until - began < timedelta(seconds=22)

    def test_of_one_player_does_not_hold_up_another(self, register: Register, agent: Agent) -> None:
        register("lily08", agent=agent)
        other = register("mona09", agent=agent)
        claim(target_of(agent))
        assert claim(target_of(agent)).job.player == other


class TestAWorkerThatDies:
    def test_leaves_a_job_in_doubt_once_its_lease_has_run_out(
        self, register: Register, agent: Agent
    ) -> None:
        player = register(agent=agent)
        claim(target_of(agent))
        assert queue.expire_leases() == 0
        ProvisioningJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        assert queue.expire_leases() == 1
        job = the_job(player)
        assert (job.state, job.in_doubt, job.lease_token) == (State.UNKNOWN, True, None)
        assert [attempt.decision for attempt in job.history.all()] == [JobAttempt.Decision.LOST]

    def test_of_every_job_it_takes_leaves_the_job_to_staff_in_the_end(
        self, register: Register, agent: Agent
    ) -> None:
        player = register(agent=agent)
        for _worker in range(6):
            assert the_job(player).next_attempt_at is not None
            claim(target_of(agent))
            ProvisioningJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
            assert queue.expire_leases() == 1
        assert the_job(player).next_attempt_at is None
        assert the_job(player) in ProvisioningJob.objects.for_staff()
        assert queue.claim(target_id=agent.target.pk) is None

    def test_and_comes_back_late_has_no_say_any_more(
        self, register: Register, agent: Agent
    ) -> None:
        register(agent=agent)
        late = claim(target_of(agent))
        ProvisioningJob.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        queue.expire_leases()
        make_due()
        assert queue.still_mine(late) is None
        again = claim(target_of(agent))
        assert queue.still_mine(late) is None
        assert queue.still_mine(again) == again.job


class TestTheSweep:
    def test_asks_for_as_many_workers_as_are_of_use(
        self, register: Register, agent: Agent, site: BeiyingSite
    ) -> None:
        for number in range(3):
            register(f"lily{number}", agent=agent)
        Target.objects.filter(pk=agent.target.pk).update(max_concurrency=2)
        assert queue.due_targets() == {agent.target.pk: 2, site.target.pk: 3}
        claim(target_of(agent))
        assert queue.due_targets() == {agent.target.pk: 1, site.target.pk: 3}

    def test_frees_what_waits_for_a_target_that_is_active(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        """As when the worker dies between giving a job back and stopping the target."""
        players = [register(f"lily{number}", agent=agent) for number in range(2)]
        hrg.simulator.faults.add(Fault(kind="status", value=403))
        with mock.patch.object(targets, "trip", side_effect=SystemExit), pytest.raises(SystemExit):
            pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert the_job(players[0]).state == State.PAUSED
        assert target_of(agent).state == Target.State.ACTIVE

        ProvisioningJob.objects.filter(player=players[1]).update(state=State.PAUSED, in_doubt=True)
        assert queue.free_stranded() == 2
        states = [the_job(player).state for player in players]
        assert states == [State.PENDING, State.UNKNOWN]
        assert pushing.push_target(target_id=agent.target.pk, seconds=5) == 2
        assert hrg.count() == 2

    def test_leaves_what_waits_for_a_stopped_target(
        self, register: Register, agent: Agent, admin_id: int
    ) -> None:
        player = register(agent=agent)
        targets.pause(target_id=agent.target.pk, reason="works", staff_id=admin_id)
        assert queue.free_stranded() == 0
        assert the_job(player).state == State.PAUSED

    def test_leaves_stopped_targets_alone(
        self, register: Register, agent: Agent, admin_id: int
    ) -> None:
        register(agent=agent)
        targets.pause(target_id=agent.target.pk, reason="works", staff_id=admin_id)
        assert queue.due_targets() == {}

    def test_sees_nothing_in_what_is_done(self, register: Register, agent: Agent) -> None:
        register(agent=agent)
        ProvisioningJob.objects.update(state=State.DONE)
        assert queue.due_targets() == {}
        assert not queue.has_due(target_id=agent.target.pk)
