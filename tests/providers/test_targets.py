"""Stopping a target as a whole, one alert, and going on in order."""

import logging
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from providers import pushing, targets
from providers.errors import OutcomeUnknown, ProviderError, Refused, TargetRefused
from providers.models import BeiyingSite, ProvisioningJob, Target
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service, make_due, target_of
from wallet.models import Agent

State = ProvisioningJob.State


@pytest.fixture
def refused(register: Register, agent: Agent, hrg: Service) -> Agent:
    """An agent with five waiting players whose key HRG no longer accepts."""
    for number in range(5):
        register(f"lily{number}", agent=agent)
    hrg.simulator.rules["keys"] = {"acme": "another"}
    return agent


def push(agent: Agent) -> int:
    return pushing.push_target(target_id=agent.target.pk, seconds=5)


def states() -> list[str]:
    return list(ProvisioningJob.objects.order_by("id").values_list("state", flat=True))


class TestRefusedAccess:
    def test_stops_the_whole_target_after_one_request(self, refused: Agent, hrg: Service) -> None:
        assert push(refused) == 1
        target = target_of(refused)
        assert target.state == Target.State.TRIPPED
        assert target.state_reason.startswith("HTTP 401")
        assert states() == [State.PAUSED] * 5
        assert len(hrg.simulator.requests) == 1

    def test_gives_one_alert(self, refused: Agent, caplog: pytest.LogCaptureFixture) -> None:
        push(refused)
        targets.trip(target_id=refused.target.pk, error=TargetRefused("HTTP 401"))
        alerts = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(alerts) == 1
        assert "acme-secret" not in caplog.text

    def test_does_not_stop_other_targets(
        self, refused: Agent, site: BeiyingSite, register: Register, beiying: Service
    ) -> None:
        push(refused)
        register("mona09")
        assert pushing.push_target(target_id=site.target.pk, seconds=5) == 1
        assert beiying.count() == 1

    def test_makes_new_players_wait_as_well(self, refused: Agent, register: Register) -> None:
        push(refused)
        register("mona09", agent=refused)
        assert states()[-1] == State.PAUSED

    def test_leaves_nothing_in_doubt(self, refused: Agent) -> None:
        push(refused)
        assert not ProvisioningJob.objects.filter(in_doubt=True).exists()


class TestAProbe:
    def test_comes_after_half_a_minute_and_then_less_often(self, refused: Agent) -> None:
        push(refused)
        assert targets.due_probes() == []
        waits = []
        for _probe in range(8):
            Target.objects.update(probe_at=timezone.now() - timedelta(seconds=1))
            assert targets.due_probes() == [refused.target.pk]
            assert not targets.probe(target_id=refused.target.pk)
            probe_at = target_of(refused).probe_at
            assert probe_at is not None
            waits.append((probe_at - timezone.now()).total_seconds())
        assert 47 < waits[0] < 73
        assert all(700 < wait < 1081 for wait in waits[-3:])

    def test_is_handed_out_once(self, refused: Agent) -> None:
        push(refused)
        Target.objects.update(probe_at=timezone.now() - timedelta(seconds=1))
        assert len(targets.due_probes()) == 1
        assert targets.due_probes() == []

    def test_that_is_answered_lets_the_jobs_go_on_in_their_order(
        self, refused: Agent, hrg: Service
    ) -> None:
        push(refused)
        hrg.simulator.rules.clear()
        assert targets.probe(target_id=refused.target.pk)
        assert states() == [State.PENDING] * 5
        push(refused)
        assert states() == [State.DONE] * 5
        names = [body.split(b'"')[7].decode() for body in hrg.bodies("/api/create_user")[1:]]
        assert names == [f"lily{number}" for number in range(5)]

    def test_that_gets_no_answer_changes_nothing(self, refused: Agent, hrg: Service) -> None:
        push(refused)
        hrg.simulator.rules.clear()
        hrg.simulator.faults.add(Fault(kind="drop_before"))
        assert not targets.probe(target_id=refused.target.pk)
        assert target_of(refused).state == Target.State.TRIPPED

    def test_comes_at_once_after_new_access_was_entered(self, refused: Agent, hrg: Service) -> None:
        push(refused)
        refused.api_password = "another"
        refused.save()
        assert targets.due_probes() == [refused.target.pk]
        assert targets.probe(target_id=refused.target.pk)

    def test_creates_no_account(self, agent: Agent, site: BeiyingSite, hrg: Service) -> None:
        assert targets.test_connection(target_of(agent)) >= 0
        assert targets.test_connection(target_of(site)) >= 0
        assert hrg.count() == 0

    def test_of_beiying_tells_refused_access(self, site: BeiyingSite, beiying: Service) -> None:
        beiying.simulator.rules["stopped"] = True
        with pytest.raises(TargetRefused, match="STATUS"):
            targets.test_connection(target_of(site))

    @pytest.mark.parametrize(
        ("fault", "error"),
        [
            (Fault(kind="status", value=503), OutcomeUnknown),
            (Fault(kind="status", value=403), TargetRefused),
            (Fault(kind="garbage"), OutcomeUnknown),
        ],
    )
    def test_of_hrg_tells_what_is_wrong(
        self, agent: Agent, hrg: Service, fault: Fault, error: type[ProviderError]
    ) -> None:
        hrg.simulator.faults.add(fault)
        with pytest.raises(error):
            targets.test_connection(target_of(agent))


class TestATargetOnTrial:
    """A probe was answered, so it goes on; whether its jobs are let through is to be seen."""

    @pytest.fixture
    def without_credit(self, register: Register, site: BeiyingSite, beiying: Service) -> Target:
        """贝盈 answers our probes, and every registration with NOCREDIT."""
        register("lily0")
        beiying.simulator.faults.add(
            Fault(kind="code", value="NOCREDIT", path="/v1/account/register", times=0)
        )
        return target_of(site)

    def fail_on_trial(self, target: Target) -> float:
        """A probe is answered and the next job refused; how long it takes to the next probe."""
        Target.objects.update(probe_at=timezone.now() - timedelta(seconds=1))
        assert targets.due_probes() == [target.pk]
        assert targets.probe(target_id=target.pk)
        assert pushing.push_target(target_id=target.pk, seconds=5) == 1
        [probe_at] = Target.objects.values_list("probe_at", flat=True)
        assert probe_at is not None
        return (probe_at - timezone.now()).total_seconds()

    def test_is_stopped_again_without_another_alert_and_for_longer(
        self, without_credit: Target, caplog: pytest.LogCaptureFixture
    ) -> None:
        pushing.push_target(target_id=without_credit.pk, seconds=5)
        waits = [self.fail_on_trial(without_credit) for _trial in range(7)]

        assert [47 < waits[0] < 73, 95 < waits[1] < 145, 191 < waits[2] < 289] == [True] * 3
        assert all(700 < wait < 1081 for wait in waits[-2:])
        alerts = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert [alert.getMessage().startswith("ALERT") for alert in alerts] == [True]
        assert states() == [State.PAUSED]

    def test_is_trusted_again_once_it_has_worked_for_a_while(
        self,
        without_credit: Target,
        beiying: Service,
        register: Register,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        pushing.push_target(target_id=without_credit.pk, seconds=5)
        self.fail_on_trial(without_credit)
        beiying.simulator.faults.clear()
        assert targets.probe(target_id=without_credit.pk)
        pushing.push_target(target_id=without_credit.pk, seconds=5)
        assert Target.objects.get().probes == 1
        Target.objects.update(state_since=timezone.now() - timedelta(minutes=1))
        register("lily1")
        pushing.push_target(target_id=without_credit.pk, seconds=5)

        assert Target.objects.get().probes == 0
        assert states() == [State.DONE] * 2
        targets.trip(target_id=without_credit.pk, error=TargetRefused("IP"))
        alerts = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(alerts) == 2

    def test_is_no_more_once_staff_resume_it(self, without_credit: Target, admin_id: int) -> None:
        pushing.push_target(target_id=without_credit.pk, seconds=5)
        self.fail_on_trial(without_credit)
        targets.resume(target_id=without_credit.pk, reason="paid", staff_id=admin_id)
        assert Target.objects.get().probes == 0

    @pytest.mark.parametrize("code", ["ORDER_NOTFOUND", "BANORDER", "NOORDER", "ORDER_FAILD"])
    def test_has_its_probe_answered_by_any_word_on_the_order(
        self, site: BeiyingSite, beiying: Service, code: str
    ) -> None:
        beiying.simulator.faults.add(Fault(kind="code", value=code))
        assert targets.test_connection(target_of(site)) >= 0

    def test_has_no_probe_answered_by_what_comes_before_the_key(
        self, site: BeiyingSite, beiying: Service
    ) -> None:
        """The framework refuses with HTTP 400 before it looks at our access."""
        targets.trip(target_id=site.target.pk, error=TargetRefused("IP"))
        with pytest.raises(Refused, match="HTTP 400"), refusing_bodies():
            targets.test_connection(target_of(site))
        with refusing_bodies():
            assert not targets.probe(target_id=site.target.pk)
        assert target_of(site).state == Target.State.TRIPPED


def refusing_bodies() -> Any:
    """Requests go out malformed, so that the real framework's answer comes back."""
    return mock.patch("providers.wire.encode", return_value=b"[")


class TestAPauseByStaff:
    def test_keeps_what_was_in_doubt_in_doubt(
        self, register: Register, agent: Agent, hrg: Service, admin_id: int
    ) -> None:
        register("lily1", agent=agent)
        register("lily2", agent=agent)
        hrg.simulator.faults.add(Fault(kind="status", value=500, times=2))
        Target.objects.update(calls_per_minute=1)
        push(agent)
        assert states() == [State.UNKNOWN, State.PENDING]
        assert targets.pause(target_id=agent.target.pk, reason="works", staff_id=admin_id)
        assert states() == [State.PAUSED, State.PAUSED]
        assert targets.resume(target_id=agent.target.pk, reason="done", staff_id=admin_id)
        assert states() == [State.UNKNOWN, State.PENDING]

    def test_is_not_ended_by_a_probe(self, agent: Agent, admin_id: int) -> None:
        targets.pause(target_id=agent.target.pk, reason="works", staff_id=admin_id)
        assert targets.due_probes() == []
        assert not targets.probe(target_id=agent.target.pk)
        assert target_of(agent).state == Target.State.PAUSED

    def test_says_whether_it_changed_anything(self, agent: Agent, admin_id: int) -> None:
        assert not targets.resume(target_id=agent.target.pk, reason="x", staff_id=admin_id)
        assert targets.pause(target_id=agent.target.pk, reason="x", staff_id=admin_id)
        assert not targets.pause(target_id=agent.target.pk, reason="x", staff_id=admin_id)

    def test_does_not_lose_jobs_that_fail_meanwhile(
        self, register: Register, agent: Agent, hrg: Service, admin_id: int
    ) -> None:
        register(agent=agent)
        hrg.simulator.faults.add(Fault(kind="status", value=503, times=2))
        push(agent)
        make_due()
        targets.pause(target_id=agent.target.pk, reason="works", staff_id=admin_id)
        assert push(agent) == 0
        targets.resume(target_id=agent.target.pk, reason="done", staff_id=admin_id)
        assert push(agent) == 1
        assert states() == [State.DONE]
