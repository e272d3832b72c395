"""How full a target's queue was and how fast its answers came, hour by hour."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from providers import figures, pushing
from providers.models import JobAttempt, ProvisioningJob
from providers.simulators.faults import Fault
from tests.providers.conftest import Register, Service
from wallet.models import Agent

State = ProvisioningJob.State
Decision = JobAttempt.Decision


@pytest.fixture
def this_hour() -> datetime:
    return timezone.now().replace(minute=0, second=0, microsecond=0)


def history(register: Register, agent: Agent, this_hour: datetime, *rows: Any) -> None:
    """Jobs by state, each asked for so many hours ago and last tried so many hours ago."""
    for number, (state, asked, tried) in enumerate(rows):
        player = register(f"lily{number}", agent=agent)
        job = ProvisioningJob.objects.get(player=player)
        ProvisioningJob.objects.filter(pk=job.pk).update(
            state=state, created_at=this_hour - timedelta(hours=asked) + timedelta(minutes=5)
        )
        if tried is not None:
            JobAttempt.objects.create(
                job=job,
                number=1,
                url="http://there/",
                decision=Decision.DONE,
                duration_ms=10 * (number + 1),
                at=this_hour - timedelta(hours=tried) + timedelta(minutes=10),
            )


class TestTheLastHours:
    def test_know_how_many_jobs_waited_when_each_ended(
        self, register: Register, agent: Agent, this_hour: datetime
    ) -> None:
        history(
            register,
            agent,
            this_hour,
            (State.DONE, 3, 1),  # waited at the end of two hours
            (State.REFUSED, 2, 2),  # came and went in one hour
            (State.CONFLICT, 40, 2),  # waited since the day before
            (State.UNKNOWN, 30, 2),  # still waits
            (State.PAUSED, 2, None),  # waits and was never tried
            (State.DONE, 50, 49),  # long done
        )
        waiting = [hour.waiting for hour in figures.last_hours(agent.target.pk)]
        assert waiting == [2] * 20 + [3, 3, 2, 2]

    def test_know_how_fast_the_answers_were(
        self, register: Register, agent: Agent, this_hour: datetime
    ) -> None:
        history(register, agent, this_hour, *[(State.DONE, 2, 1)] * 20)
        hours = figures.last_hours(agent.target.pk)
        assert [hour.calls for hour in hours] == [0] * 22 + [20, 0]
        assert (hours[22].median, hours[22].slowest) == (100, 190)
        assert (hours[23].median, hours[23].slowest) == (None, None)
        assert hours[0].begins == this_hour - timedelta(hours=23)

    def test_are_those_of_one_target(
        self, register: Register, agent: Agent, hrg: Service, this_hour: datetime
    ) -> None:
        other = Agent.objects.create(
            channel=agent.channel, agent_id="acme02", api_url=hrg.url, api_username="two"
        )
        history(register, agent, this_hour, (State.PENDING, 2, None))
        register("mona", agent=other)
        assert [hour.waiting for hour in figures.last_hours(other.target.pk)] == [0] * 23 + [1]

    def test_follow_what_is_pushed(self, register: Register, agent: Agent, hrg: Service) -> None:
        register("lily0", agent=agent)
        assert figures.last_hours(agent.target.pk)[-1].waiting == 1
        hrg.simulator.faults.add(Fault(kind="delay", value=20))
        pushing.push_target(target_id=agent.target.pk, seconds=5)
        now = figures.last_hours(agent.target.pk)[-1]
        assert (now.waiting, now.calls) == (0, 1)
        assert now.median is not None
        assert now.median >= 20

    def test_take_three_queries(self, register: Register, agent: Agent) -> None:
        register(agent=agent)
        with CaptureQueriesContext(connection) as queries:
            figures.last_hours(agent.target.pk)
        assert len(queries) == 3
