"""POST /netCheck."""

import time

from tests.callbacks.world import World
from wallet.models import Channel


class TestNetCheck:
    def test_e23_needs_neither_signature_nor_channel(self, world: World) -> None:
        world.send(world.message("net_check"))
        started = time.monotonic()

        reply = world.post("/netCheck", b'{"event":"netCheck"}')

        assert reply.http_status == 200
        assert reply.json == {"status": 200}
        assert time.monotonic() - started < 0.1

    def test_below_a_channels_prefix_it_answers_for_that_channel(self, world: World) -> None:
        path = f"/c/{world.channel.pk}/netCheck"

        assert world.post(path, b'{"event":"netCheck"}').status == 200
        world.switch(status=Channel.Status.MAINTENANCE)
        assert world.post(path, b'{"event":"netCheck"}').json == {"status": 505}
        assert world.post("/netCheck", b'{"event":"netCheck"}').status == 200

    def test_unknown_and_closed_channels_are_unknown(self, world: World) -> None:
        world.switch(status=Channel.Status.CLOSED)

        for channel_id in (world.channel.pk, -999_999, 9_999_999_999):
            reply = world.post(f"/c/{channel_id}/netCheck", b'{"event":"netCheck"}')
            assert reply.status == 202

    def test_when_every_channel_is_in_maintenance_so_is_the_service(self, world: World) -> None:
        others = list(
            Channel.objects.filter(status=Channel.Status.ACTIVE).values_list("pk", flat=True)
        )
        Channel.objects.filter(pk__in=others).update(status=Channel.Status.MAINTENANCE)
        try:
            reply = world.post("/netCheck", b'{"event":"netCheck"}')
        finally:
            Channel.objects.filter(pk__in=others).update(status=Channel.Status.ACTIVE)

        assert reply.json == {"status": 505}

    def test_another_event_or_none_is_refused(self, world: World) -> None:
        assert world.post("/netCheck", b'{"event":"syncCredit"}').status == 4029
        assert world.post("/netCheck", b"{}").status == 4025
        assert world.post("/netCheck", b'{"event":1}').status == 4030
