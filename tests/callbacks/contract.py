"""What every signed or session-bound endpoint must refuse; each endpoint's test inherits it."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import pytest

from callbacks.parsing import Number
from tests.callbacks.world import Document, Reply, World, add_key
from wallet.models import Channel, ChannelKey


class EndpointContract:
    """Subclasses name the payload and what the answer consists of."""

    payload: ClassVar[str]
    shape: ClassVar[Mapping[str, Any]]

    # --- Helpers ------------------------------------------------------------------------------

    def message(self, world: World, **members: Any) -> Document:
        return world.message(self.payload, **members)

    def path(self, world: World) -> str:
        return f"/{self.message(world).get('event', 'callback')}"

    def send(self, world: World, document: Document) -> Reply:
        return world.send(document, path=self.path(world))

    def refused(self, world: World, reply: Reply, status: int) -> None:
        """The status, in the event's shape, with no money told."""
        assert (reply.http_status, reply.status) == (200, status)
        for name, kind in self.shape.items():
            assert isinstance(reply[name], kind), name
        for name in ("money", "moneyBefore", "moneyAfter", "refundMoney"):
            assert reply.json.get(name, 0) == 0

    @pytest.fixture(autouse=True)
    def _nothing_moves(self, world: World) -> Iterator[None]:
        before = world.sessions()
        with world.nothing_moves():
            yield
        assert world.sessions() == before

    # --- The contract -------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"{", 4030),
            (b"", 4030),
            (b"[]", 4030),
            (b"null", 4030),
            (b'"text"', 4030),
            (b"\xff\xfe{}", 4030),
            (b'\xef\xbb\xbf{"event":"x"}', 4030),
            (b'{"username":"\xc3("}', 4030),
            (b'{"username":"\\ud800"}', 4030),
            (b'{"username":"\\u0000"}', 4030),
            (b'{"username":"lily08","username":"otto11"}', 4025),
            (b'{"x":{"a":1,"a":1}}', 4025),
            (b'{"x":' + b"[" * 100 + b"]" * 100 + b"}", 4030),
            (b'{"x":' + b"[" * 100_000, 4030),
            (b'{"x":1e999999999}', 4025),
            (b'{"x":' + b"9" * 5000 + b"}", 4025),
            (b'{"x":-Infinity}', 4030),
            (b"{} {}", 4030),
        ],
        ids=lambda value: repr(value)[:24],
    )
    def test_f03_what_is_no_json_object_is_refused(
        self, world: World, body: bytes, status: int
    ) -> None:
        self.refused(world, world.post(self.path(world), body), status)

    def test_f03_a_huge_body_is_refused(self, world: World) -> None:
        reply = world.post(self.path(world), b'{"x":"' + b"x" * 2_000_000 + b'"}')

        assert (reply.http_status, reply.status) == (413, 4030)
        assert set(self.shape) <= set(reply.json)

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
    def test_other_methods_are_refused(self, world: World, method: str) -> None:
        reply = world.request(method, self.path(world), b"")

        assert reply.http_status == 405
        assert reply.headers["content-type"] == "application/json"

    def test_a10_an_unknown_channel_is_refused(self, world: World) -> None:
        self.refused(world, self.send(world, self.message(world, channelId=-77_777_777)), 202)

    def test_a_closed_channel_is_refused(self, world: World) -> None:
        world.switch(status=Channel.Status.CLOSED)

        self.refused(world, self.send(world, self.message(world)), 202)

    def test_a_channel_in_maintenance_is_refused(self, world: World) -> None:
        world.switch(status=Channel.Status.MAINTENANCE)

        self.refused(world, self.send(world, self.message(world)), 505)

    @pytest.mark.parametrize("networks", [[], ["198.51.100.0/24"], ["::1/128"]])
    def test_b08_f06_a_foreign_address_is_refused(self, world: World, networks: list[str]) -> None:
        world.switch(allowed_networks=networks)

        self.refused(world, self.send(world, self.message(world)), 4027)

    def test_f06_nobody_is_believed_about_their_address(self, world: World) -> None:
        world.switch(allowed_networks=["203.0.113.10/32"])

        reply = world.send(
            self.message(world), path=self.path(world), X_Forwarded_For="203.0.113.10"
        )

        self.refused(world, reply, 4027)

    def test_the_event_must_fit_the_address(self, world: World) -> None:
        message = self.message(world) | {"event": "somethingElse"}

        self.refused(world, self.send(world, message), 4029)

    def test_another_channels_prefix_is_refused(self, world: World) -> None:
        path = f"/c/{world.channel.pk + 1}{self.path(world)}"

        self.refused(world, world.send(self.message(world), path=path), 202)

    def test_a_message_outside_the_window_is_refused(self, world: World) -> None:
        self.refused(world, self.send(world, self.message(world, timestamp=1577808000000)), 4025)

    def test_the_address_is_asked_before_the_signature(self, world: World) -> None:
        world.switch(allowed_networks=[])

        self.refused(world, self.send(world, self.message(world) | {"signature": "x"}), 4027)

    def test_maintenance_is_told_before_the_address_is_asked(self, world: World) -> None:
        world.switch(allowed_networks=[], status=Channel.Status.MAINTENANCE)

        self.refused(world, self.send(world, self.message(world)), 505)


class SignedEndpointContract(EndpointContract):
    @pytest.mark.parametrize(
        "signature",
        ["", None, "x", "äöü", "AAAA", "A" * 172, "A" * 3000, "===="],
        ids=lambda value: repr(value)[:12],
    )
    def test_a_signature_that_is_none_is_refused(self, world: World, signature: str | None) -> None:
        message = self.message(world, signature=signature)

        self.refused(world, self.send(world, message), 4026)

    def test_a_missing_signature_is_a_bad_parameter(self, world: World) -> None:
        self.refused(world, self.send(world, self.message(world, signature=...)), 4025)

    def test_a_signature_of_another_type_is_a_bad_type(self, world: World) -> None:
        self.refused(world, self.send(world, self.message(world, signature=5)), 4030)

    def test_a_foreign_key_is_refused(self, world: World) -> None:
        self.refused(world, self.send(world, self.message(world, key="K9")), 4026)

    def test_a_retired_key_is_refused(self, world: World) -> None:
        add_key(world.channel, "K0", ChannelKey.State.RETIRED)

        self.refused(world, self.send(world, self.message(world, key="K0")), 4026)

    def test_a_weak_key_is_refused_unless_the_channel_allows_it(self, world: World) -> None:
        add_key(world.channel, "K5", ChannelKey.State.NEXT)

        self.refused(world, self.send(world, self.message(world, key="K5")), 4026)

    def test_a_channel_without_keys_refuses_everything(self, world: World) -> None:
        ChannelKey.objects.filter(channel=world.channel).update(state=ChannelKey.State.RETIRED)

        self.refused(world, self.send(world, self.message(world)), 4026)

    def test_a_signature_of_another_moment_is_refused(self, world: World) -> None:
        message = self.message(world)
        later = message | {"timestamp": Number(str(int(message["timestamp"].token) + 1))}

        self.refused(world, self.send(world, later), 4026)

    def test_the_signature_is_checked_before_the_player_and_the_clock(self, world: World) -> None:
        message = self.message(world, timestamp=1577808000000)

        self.refused(world, self.send(world, message | {"signature": "AAAA"}), 4026)


class AcceptedKeys:
    """The other side of the contract: what does open the door."""

    payload: ClassVar[str]

    @pytest.mark.parametrize(
        ("key", "state"),
        [("K1", None), ("K2", ChannelKey.State.NEXT), ("K5", ChannelKey.State.NEXT)],
    )
    def test_active_next_and_allowed_weak_keys_sign(
        self, world: World, key: str, state: ChannelKey.State | None
    ) -> None:
        if state:
            add_key(world.channel, key, state)
        world.switch(allow_weak_keys=True)

        message = world.message(self.payload, key=key)

        assert world.send(message).status == 200

    def test_a_channels_own_prefix_leads_to_the_same(self, world: World) -> None:
        message = world.message(self.payload)
        path = f"/c/{world.channel.pk}/{message.get('event', 'callback')}"

        assert world.send(message, path=path).status == 200
