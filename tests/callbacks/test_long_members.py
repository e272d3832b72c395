"""Too long a name, token or signature is a wrong one; too long a number cannot be kept."""

from typing import Any

import pytest

from tests.callbacks.world import World

LONG = "x" * 5_000


class TestMemberThatIsTooLong:
    @pytest.mark.parametrize(
        ("payload", "member", "status"),
        [
            ("login_token", "signature", 4026),
            ("login_token", "username", 4037),
            ("login_token", "accessToken", 410),
            ("login_password", "password", 401),
            ("login_token", "seqNo", 4025),
            ("login_token", "currency", 4025),
            ("login_token", "ip", 200),
            ("login_token", "sessionToken", 200),
            ("sync", "username", 4037),
            ("sync", "sessionToken", 410),
            ("sync", "seqNo", 4025),
            ("sync", "currency", 4025),
            ("notice", "signature", 4026),
            ("notice", "username", 4037),
            ("notice", "accessToken", 410),
            ("bet", "signature", 4026),
            ("bet", "username", 4037),
            ("bet", "sessionToken", 410),
            ("bet", "seqNo", 4025),
            ("bet", "currency", 4025),
            ("query", "signature", 4026),
            ("query", "username", 4037),
            ("query", "seqNo", 4025),
            ("query", "roundCode", 4025),
            ("refund", "signature", 4026),
            ("refund", "username", 4037),
            ("refund", "seqNo", 4025),
            ("batch_refund", "signature", 4026),
            ("batch_refund", "seqNo", 4025),
        ],
    )
    def test_is_answered_as_a_wrong_one(
        self, world: World, payload: str, member: str, status: int
    ) -> None:
        members: dict[str, Any] = {member: LONG}

        with world.nothing_moves():
            reply = world.send(world.message(payload, **members))

        assert (reply.http_status, reply.status) == (200, status)
        assert isinstance(reply["status"], int)

    def test_a_round_code_cannot_be_kept(self, world: World) -> None:
        with world.nothing_moves():
            assert world.move(1, "-80", "b", round_code=LONG).status == 4025

    @pytest.mark.parametrize(("member", "status"), [("refundSeqNo", 4025), ("roundCode", 4025)])
    def test_of_a_refunds_item(self, world: World, member: str, status: int) -> None:
        item = {"refundSeqNo": "b", "username": "lily08", "roundCode": "R", "refundMoney": -80}

        with world.nothing_moves():
            message = world.message("refund", refundList=[item | {member: LONG}])
            assert world.send(message).status == status
