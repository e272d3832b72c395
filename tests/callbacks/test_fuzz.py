"""Rubbish and near misses: always an answer, never a server error, never a movement."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.parsing import Number, write_json
from tests.callbacks.world import World, numbered, payload

EVENTS = {
    "registerOrLogin": "login_token",
    "syncCredit": "sync",
    "callback": "notice",
    "increaseCredit": "bet",
    "queryIncreaseCreditRecord": "query",
    "refundSingleWallet": "refund",
    "autoBatchRefund": "batch_refund",
    "netCheck": "net_check",
}

SCALARS = (
    st.none()
    | st.booleans()
    | st.text(max_size=20)
    | st.integers(-(10**15), 10**15).map(lambda value: Number(str(value)))
    | st.sampled_from([Number(token) for token in ("1.5", "-0.0", "1e5", "7.0", "1e-9")])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["seqNo", "roundCode", "betMoney", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
run_over_http = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_answered(world: World, event: str, body: bytes) -> int:
    reply = world.post(f"/{event}", body)
    assert reply.http_status == 200
    assert b"Traceback" not in reply.body
    assert reply.status != 500
    return reply.status


@pytest.mark.parametrize("event", EVENTS)
class TestRubbish:
    @run_over_http
    @given(body=st.binary(max_size=300))
    def test_raw_bytes(self, world: World, event: str, body: bytes) -> None:
        with world.nothing_moves():
            assert_answered(world, event, body)

    @run_over_http
    @given(data=st.data())
    def test_members_of_any_kind_and_no_signature(
        self, world: World, event: str, data: st.DataObject
    ) -> None:
        message = {**payload(EVENTS[event]), "channelId": numbered(world.channel.pk)}
        names = st.sampled_from([*message, "detail", "x"])
        message |= data.draw(st.dictionaries(names, VALUES, max_size=4))

        with world.nothing_moves():
            assert_answered(world, event, body_of(message))


class TestSignedRubbish:
    @run_over_http
    @given(detail=st.dictionaries(st.sampled_from([*payload("payout")["detail"]]), VALUES))
    def test_a_signed_movement_with_any_detail_is_answered(
        self, world: World, detail: dict[str, Any]
    ) -> None:
        message = world.message("bet", detail=detail, seqNo=f"f-{id(detail)}-{len(str(detail))}")

        assert_answered(world, "increaseCredit", body_of(message))

    @run_over_http
    @given(data=st.data(), name=st.sampled_from([*EVENTS.values()]))
    def test_a_signed_message_with_any_members_is_answered(
        self, world: World, name: str, data: st.DataObject
    ) -> None:
        event = next(event for event, kept in EVENTS.items() if kept == name)
        changes = data.draw(st.dictionaries(st.sampled_from([*payload(name)]), VALUES, max_size=3))
        changes.pop("eventType", None)
        message = payload(name) | {"channelId": Number(str(world.channel.pk))} | changes
        if "signature" in message:
            message["signature"] = world.signature(message | {"event": event})

        assert_answered(world, event, body_of(message))


def body_of(message: dict[str, Any]) -> bytes:
    return write_json(message).encode()
