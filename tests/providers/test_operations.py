"""What staff do with a job: retry, cancel, confirm; each with its reason in the history."""

import pytest

from providers import operations, provisioning, pushing, queue, targets
from providers.models import BeiyingSite, JobAttempt, ProviderAccount, ProvisioningJob
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, the_job
from wallet.models import Agent, Player

State = ProvisioningJob.State


@pytest.fixture
def refused(register: Register, site: BeiyingSite, beiying: Service) -> ProvisioningJob:
    """A job that 贝盈 refused for good."""
    beiying.simulator.faults.add(Fault(kind="code", value="BADPASSWORD"))
    player = register()
    pushing.push_target(target_id=site.target.pk, seconds=5)
    return the_job(player)


class TestARetry:
    def test_sends_a_refused_job_again(
        self, refused: ProvisioningJob, admin_id: int, beiying: Service
    ) -> None:
        operations.retry(job_id=refused.pk, reason="they fixed it", staff_id=admin_id)
        refused.refresh_from_db()
        assert (refused.state, refused.failures, refused.code) == (State.PENDING, 0, "")
        pushing.push_target(target_id=refused.target_id, seconds=5)
        assert beiying.count() == 1

    def test_keeps_who_and_why(self, refused: ProvisioningJob, admin_id: int) -> None:
        operations.retry(job_id=refused.pk, reason="they fixed it", staff_id=admin_id)
        note = refused.history.latest("id")
        assert note.decision == JobAttempt.Decision.RETRIED
        assert (note.note, note.actor_id) == ("they fixed it", admin_id)

    def test_verifies_first_what_may_have_been_carried_out(
        self, register: Register, agent: Agent, hrg: Service, admin_id: int
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path="/api/create_user"))
        hrg.simulator.faults.add(Fault(kind="status", value=500, path="/api/get_balance"))
        player = register(agent=agent)
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        operations.retry(job_id=the_job(player).pk, reason="now", staff_id=admin_id)
        assert the_job(player).state == State.UNKNOWN
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        assert the_job(player).state == State.DONE
        assert hrg.simulator.requests[-1].path == "/api/get_balance"

    def test_of_a_stopped_target_waits_with_it(
        self, refused: ProvisioningJob, admin_id: int
    ) -> None:
        targets.pause(target_id=refused.target_id, reason="works", staff_id=admin_id)
        operations.retry(job_id=refused.pk, reason="later", staff_id=admin_id)
        refused.refresh_from_db()
        assert refused.state == State.PAUSED
        targets.resume(target_id=refused.target_id, reason="done", staff_id=admin_id)
        assert pushing.push_target(target_id=refused.target_id, seconds=5) == 1

    @pytest.mark.parametrize("state", [State.DONE, State.CANCELLED])
    def test_of_a_finished_job_is_refused(
        self, refused: ProvisioningJob, admin_id: int, state: str
    ) -> None:
        ProvisioningJob.objects.update(state=state)
        with pytest.raises(operations.OperationError):
            operations.retry(job_id=refused.pk, reason="x", staff_id=admin_id)
        refused.refresh_from_db()
        assert refused.state == state

    def test_of_a_job_at_work_is_refused(
        self, register: Register, agent: Agent, admin_id: int
    ) -> None:
        player = register(agent=agent)
        queue.claim(target_id=agent.target.pk)
        for operation in (operations.retry, operations.cancel, operations.confirm):
            with pytest.raises(operations.OperationError):
                operation(job_id=the_job(player).pk, reason="x", staff_id=admin_id)
        assert the_job(player).state == State.SENDING


class TestCancelling:
    def test_ends_the_job(self, refused: ProvisioningJob, admin_id: int) -> None:
        operations.cancel(job_id=refused.pk, reason="not wanted", staff_id=admin_id)
        refused.refresh_from_db()
        assert refused.state == State.CANCELLED
        assert refused.history.latest("id").decision == JobAttempt.Decision.CANCELLED
        make_due()
        assert pushing.push_target(target_id=refused.target_id, seconds=5) == 0

    def test_makes_room_for_asking_again(self, refused: ProvisioningJob, admin_id: int) -> None:
        operations.cancel(job_id=refused.pk, reason="not wanted", staff_id=admin_id)
        job = provisioning.request_account(player=refused.player, target=refused.target)
        assert job.account == refused.account
        pushing.push_target(target_id=refused.target_id, seconds=5)
        assert ProviderAccount.objects.get().confirmed_at is not None


class TestConfirming:
    def test_is_only_for_jobs_that_wait_for_a_person(
        self, refused: ProvisioningJob, admin_id: int
    ) -> None:
        with pytest.raises(operations.OperationError):
            operations.confirm(job_id=refused.pk, reason="x", staff_id=admin_id)
        assert ProviderAccount.objects.get().confirmed_at is None

    def test_says_who_confirmed(
        self, register: Register, site: BeiyingSite, beiying: Service, admin_id: int
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value="NEW1"))
        player: Player = register()
        pushing.push_target(target_id=site.target.pk, seconds=5)
        operations.confirm(job_id=the_job(player).pk, reason="asked", staff_id=admin_id)
        assert ProviderAccount.objects.get().confirmed_by == "staff"
        note = the_job(player).history.latest("id")
        assert (note.decision, note.note, note.actor_id) == ("confirmed", "asked", admin_id)
