"""Agents form a tree, whoever writes them."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from tests.wallet.money import new_channel
from wallet.models import Agent, Channel


@pytest.fixture
def channel(db: None) -> Channel:
    return new_channel()


def _agent(channel: Channel, name: str, parent: Agent | None = None) -> Agent:
    return Agent.objects.create(channel=channel, agent_id=name, parent=parent)


class TestAnAgent:
    def test_may_stand_below_another_one(self, channel: Channel) -> None:
        top = _agent(channel, "top")
        middle = _agent(channel, "middle", top)
        low = _agent(channel, "low", middle)

        low.parent = top
        low.save()

        low.refresh_from_db()
        assert low.parent == top

    def test_never_stands_below_itself(self, channel: Channel) -> None:
        top = _agent(channel, "top")
        low = _agent(channel, "low", _agent(channel, "middle", top))

        with pytest.raises(IntegrityError, match="below itself"), transaction.atomic():
            Agent.objects.filter(pk=top.pk).update(parent=low)

        top.refresh_from_db()
        assert top.parent is None

    def test_has_no_parent_in_another_channel(self, channel: Channel) -> None:
        foreign = _agent(new_channel(), "foreign")

        with pytest.raises(IntegrityError, match="none of its channel"), transaction.atomic():
            _agent(channel, "own", foreign)

        assert not Agent.objects.filter(channel=channel).exists()


class TestTwoChangesAtOnce:
    def test_never_close_a_circle(self, committed_db: None) -> None:
        channel = new_channel()
        pair = [_agent(channel, "left"), _agent(channel, "right")]
        together = threading.Barrier(2)

        def put(low: Agent, top: Agent) -> None:
            together.wait()
            try:
                Agent.objects.filter(pk=low.pk).update(parent=top)
            except IntegrityError:
                refused.append(low)
            finally:
                connection.close()

        refused: list[Agent] = []
        threads = [threading.Thread(target=put, args=sides) for sides in (pair, pair[::-1])]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refused) == 1
        assert Agent.objects.filter(channel=channel, parent=None).count() == 1
