import pytest

from tests.admin.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()
