import pytest

from tests.reports.world import World


@pytest.fixture
def world(committed_db: None) -> World:
    return World()
