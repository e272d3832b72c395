"""Creating accounts at HRG: the outbox in PostgreSQL, the simulator over HTTP as witness."""

from decimal import Decimal

import pytest
from pytest_django import Settings

from providers import provisioning, pushing, targets
from providers.codes import Reaction
from providers.models import HrgCode, JobAttempt, ProviderAccount, ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, the_job
from wallet.models import Agent, Player

State = ProvisioningJob.State
Decision = JobAttempt.Decision
CREATE, BALANCE = "/api/create_user", "/api/get_balance"


@pytest.fixture
def player(register: Register, agent: Agent) -> Player:
    return register(agent=agent)


def push(agent: Agent) -> int:
    """One round: what waits falls due and is pushed."""
    make_due()
    return pushing.push_target(target_id=agent.target.pk, seconds=5)


def paths(hrg: Service) -> list[str]:
    return [seen.path for seen in hrg.simulator.requests]


def decisions(player: Player) -> list[str]:
    return list(the_job(player).history.order_by("id").values_list("decision", flat=True))


class TestAPushThatSucceeds:
    def test_g05_is_done_and_its_balance_kept(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        assert push(agent) == 1
        job = the_job(player)
        assert (job.state, job.attempts, job.code) == (State.DONE, 1, "")
        assert job.finished_at is not None
        account = ProviderAccount.objects.get()
        assert account.balance == Decimal("0.0000")
        assert account.confirmed_by == ProviderAccount.Confirmation.ANSWER
        assert account.confirmed_at is not None
        assert hrg.count() == 1

    def test_is_not_repeated(self, agent: Agent, player: Player, hrg: Service) -> None:
        push(agent)
        assert push(agent) == 0
        assert paths(hrg) == [CREATE]

    def test_keeps_its_attempt_without_secrets(self, agent: Agent, player: Player) -> None:
        push(agent)
        attempt = the_job(player).history.get()
        assert attempt.request == '{"agentId":"acme01","userId":"lily08"}'
        assert attempt.answer.startswith('{"code":"0000"')
        assert (attempt.http_status, attempt.decision) == (200, Decision.DONE)
        kept = " ".join(str(value) for value in vars(attempt).values())
        assert "acme-secret" not in kept
        assert "Basic" not in kept

    def test_g02_names_no_amounts_unless_staff_asked(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        push(agent)
        assert hrg.bodies(CREATE) == [b'{"agentId":"acme01","userId":"lily08"}']

    def test_g01_names_the_amounts_that_staff_asked_for(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        agent.free_credit = True
        agent.save()
        player = register()
        provisioning.request_account(
            player=player,
            target=agent.target,
            balance=Decimal("100000.00"),
            free_credit=Decimal(100),
        )
        push(agent)
        assert hrg.bodies(CREATE) == [
            b'{"agentId":"acme01","userId":"lily08","balance":"100000","freeCredit":"100"}'
        ]
        assert ProviderAccount.objects.get().balance == Decimal(100000)

    def test_names_no_free_credit_for_an_agent_without(
        self, register: Register, agent: Agent, hrg: Service
    ) -> None:
        provisioning.request_account(
            player=register(), target=agent.target, free_credit=Decimal(100)
        )
        push(agent)
        assert b"freeCredit" not in hrg.bodies(CREATE)[0]


class TestAnUnknownCode:
    def test_g07_is_verified_and_never_blindly_repeated(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="code", value="7777", path=CREATE))
        push(agent)
        job = the_job(player)
        assert (job.state, job.code, job.in_doubt) == (State.UNKNOWN, "7777", True)
        assert paths(hrg) == [CREATE, BALANCE]
        assert decisions(player) == [Decision.VERIFY, Decision.RETRY]

    def test_g08_is_created_once_after_verifying(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="code", value="9999", path=CREATE))
        push(agent)
        push(agent)
        assert paths(hrg) == [CREATE, BALANCE, BALANCE, CREATE]
        assert the_job(player).state == State.DONE
        assert hrg.count() == 1

    def test_waits_longer_every_time_and_then_for_a_person(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="code", value="7777", path=CREATE, times=0))
        waits = []
        for _round in range(6):
            push(agent)
            job = the_job(player)
            if job.next_attempt_at:
                last = job.history.latest("id").at
                waits.append(round((job.next_attempt_at - last).total_seconds()))
        assert [4 <= waits[0] <= 6, 24 <= waits[1] <= 36, 96 <= waits[2] <= 144] == [True] * 3
        assert [480 <= waits[3] <= 720, 2880 <= waits[4] <= 4320] == [True] * 2
        assert len(waits) == 5
        assert the_job(player) in ProvisioningJob.objects.for_staff()
        assert decisions(player)[-1] == Decision.STAFF
        assert push(agent) == 0
        assert hrg.count() == 0

    @pytest.mark.parametrize(
        ("reaction", "state"),
        [
            (Reaction.PERMANENT, State.REFUSED),
            (Reaction.EXISTS, State.CONFLICT),
            (Reaction.CONFLICT, State.CONFLICT),
            (Reaction.PASSING, State.PENDING),
            (Reaction.TARGET, State.PAUSED),
            (Reaction.UNKNOWN, State.UNKNOWN),
            (Reaction.DONE, State.UNKNOWN),
        ],
    )
    def test_is_read_as_an_administrator_says(
        self, agent: Agent, player: Player, hrg: Service, reaction: Reaction, state: str
    ) -> None:
        HrgCode.objects.create(code="7777", reaction=reaction)
        hrg.simulator.faults.add(Fault(kind="code", value="7777", path=CREATE))
        push(agent)
        assert (the_job(player).state, the_job(player).code) == (state, "7777")

    def test_for_a_name_that_exists_already_finds_it(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        hrg.simulator.book.put(
            "account",
            "acme/lily08",
            {"agentId": "acme01", "userId": "lily08", "balance": "3.5", "freeCredit": "0"},
        )
        push(agent)
        assert the_job(player).state == State.DONE
        assert ProviderAccount.objects.get().confirmed_by == "looked_up"
        assert ProviderAccount.objects.get().balance == Decimal("3.5")


class TestALostAnswer:
    @pytest.mark.parametrize("kind", ["drop_after", "garbage", "huge"])
    def test_g09_is_looked_up_at_once_and_not_created_again(
        self, agent: Agent, player: Player, hrg: Service, kind: str
    ) -> None:
        hrg.simulator.faults.add(Fault(kind=kind, path=CREATE))
        push(agent)
        job = the_job(player)
        assert (job.state, job.attempts) == (State.DONE, 1)
        assert paths(hrg) == [CREATE, BALANCE]
        assert ProviderAccount.objects.get().confirmed_by == "looked_up"
        assert hrg.count() == 1

    def test_g09_is_looked_up_later_when_it_cannot_be_now(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        hrg.simulator.faults.add(Fault(kind="drop_after", path=CREATE))
        hrg.simulator.faults.add(Fault(kind="status", value=503, path=BALANCE))
        push(agent)
        assert (the_job(player).state, the_job(player).in_doubt) == (State.UNKNOWN, True)
        push(agent)
        assert the_job(player).state == State.DONE
        assert paths(hrg) == [CREATE, BALANCE, BALANCE]
        assert hrg.count() == 1

    @pytest.mark.parametrize(
        "fault",
        [
            Fault(kind="drop_before"),
            Fault(kind="status", value=500),
            Fault(kind="status", value=404),
        ],
    )
    def test_of_a_request_that_was_not_carried_out_is_sent_again(
        self, agent: Agent, player: Player, hrg: Service, fault: Fault
    ) -> None:
        fault.path = CREATE
        hrg.simulator.faults.add(fault)
        push(agent)
        push(agent)
        assert the_job(player).state == State.DONE
        assert hrg.count() == 1


class TestAProviderThatIsDown:
    def test_is_tried_again_and_nothing_is_in_doubt(
        self, agent: Agent, player: Player, hrg: Service
    ) -> None:
        Agent.objects.update(api_url="http://127.0.0.1:9")
        push(agent)
        job = the_job(player)
        assert (job.state, job.code, job.in_doubt) == (State.PENDING, "not_sent", False)
        Agent.objects.update(api_url=hrg.url)
        push(agent)
        assert the_job(player).state == State.DONE


class TestAFaultOfOurOwn:
    def test_leaves_the_job_in_doubt_and_the_worker_alive(
        self, agent: Agent, player: Player, monkeypatch: pytest.MonkeyPatch, hrg: Service
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr("providers.hrg.client.Client.create_user", None)
            push(agent)
        assert (the_job(player).state, the_job(player).code) == (State.UNKNOWN, "internal")
        push(agent)
        assert the_job(player).state == State.DONE

    def test_with_a_secret_that_no_key_opens_stops_the_target(
        self, agent: Agent, player: Player, settings: Settings
    ) -> None:
        from cryptography.fernet import Fernet

        settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
        push(agent)
        assert (the_job(player).state, the_job(player).code) == (State.PAUSED, "secret_unreadable")
        assert Target.objects.get().state == Target.State.TRIPPED
        assert not targets.probe(target_id=agent.target.pk)
