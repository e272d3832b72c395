from collections.abc import Iterator

import pytest

from providers.simulators.ebet import Ebet
from providers.simulators.server import running
from tests.callbacks.world import World, keys, make_world


@pytest.fixture
def world(web_server: str, committed_db: None) -> World:
    return make_world(web_server)


@pytest.fixture
def ebet(world: World) -> Iterator[Ebet]:
    simulator = Ebet()
    simulator.rules["keys"] = {str(world.channel.pk): keys()["K1"][0]}
    with running(simulator) as url:
        world.switch(ebet_api_url=url, launch_url="https://games.example/h5")
        yield simulator
