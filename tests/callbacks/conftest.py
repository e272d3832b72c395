import pytest

from tests.callbacks.world import World, make_world


@pytest.fixture
def world(web_server: str, committed_db: None) -> World:
    return make_world(web_server)
