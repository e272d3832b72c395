"""Registers players one after the other; killed and started again, it goes on where it was."""

import sys
import time

import django

from tests.providers.brokers.app import app

django.setup()

from django.db import DatabaseError, connections  # noqa: E402

from wallet import players  # noqa: E402
from wallet.models import Agent, Player  # noqa: E402

PAUSE_SECONDS = 0.02


def main(agent_id: int, count: int) -> None:
    app.set_current()
    while True:
        try:
            agent = Agent.objects.select_related("channel").get(pk=agent_id)
            for number in range(count):
                name = f"lily{number:04}"
                if Player.objects.filter(channel=agent.channel, username=name).exists():
                    continue
                players.register(channel=agent.channel, username=name, agent=agent)
                time.sleep(PAUSE_SECONDS)
        except DatabaseError:  # the server is away, as somebody killed it
            connections.close_all()
            time.sleep(0.2)
        else:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
