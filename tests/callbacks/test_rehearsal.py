"""What would we answer now: the real guards and rules, and nothing moves."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from callbacks.models import ReceivedCallback, RefundRequest
from callbacks.rehearsal import NotRehearsable, Rehearsal, rehearse
from providers.models import ProvisioningJob
from tests.callbacks.world import World
from tests.wallet.money import connect
from wallet.models import AccessToken, AuditEvent, LoginEvent, Player


def _again(world: World, seq_no: str) -> Rehearsal:
    """Rehearse the first message of this seqNo, and see that nothing stays of it."""
    (received, *_) = world.received(seq_no)

    def everything() -> tuple[object, ...]:
        in_channel = {"channel": world.channel}
        return (
            world.state(),
            len(world.entries()),
            world.sessions(),
            AccessToken.objects.filter(**in_channel).count(),
            LoginEvent.objects.filter(**in_channel).count(),
            list(Player.objects.filter(**in_channel).order_by("pk").values()),
            ProvisioningJob.objects.filter(**in_channel).count(),
            AuditEvent.objects.filter(channel_number=world.channel.pk).count(),
            len(world.received(seq_no)),
        )

    before = everything()
    result = rehearse(received, HttpRequest())
    assert everything() == before
    return result


class TestAMessageThatWasRefused:
    def test_would_be_done_once_the_reason_is_gone(self, world: World) -> None:
        world.switch(allowed_networks=["203.0.113.0/24"])
        assert world.move(1, "-80", "x").status == 4027

        refused = _again(world, "x")
        world.switch(allowed_networks=["127.0.0.1/32"])
        allowed = _again(world, "x")

        assert (refused.status, refused.decision) == (4027, "refused")
        assert (allowed.status, allowed.decision) == (200, "applied")
        assert '"money":920.01' in allowed.answer
        assert '"moneyBefore":1000.01' in allowed.answer
        assert world.balance() == Decimal("1000.01")

    def test_is_judged_by_the_rules_of_today(self, world: World) -> None:
        assert world.move(2, "80", "x", round_code="never").status == 208
        world.switch(open_payout=True)

        assert _again(world, "x").status == 200

    def test_still_lacks_the_money(self, world: World) -> None:
        world.move(1, "-5000", "x")

        assert _again(world, "x").status == 1003


class TestAMessageThatWasDone:
    def test_would_get_its_first_answer_again(self, world: World) -> None:
        world.move(1, "-80", "x")

        result = _again(world, "x")

        assert (result.status, result.decision) == (200, "replayed")
        assert '"money":920.01' in result.answer


class TestSecretsThatWereNotKept:
    def test_are_taken_as_right_and_named(self, world: World) -> None:
        world.send(world.message("login_password", seqNo="x", password="wrong"))

        result = _again(world, "x")

        assert result.status == 200
        assert [str(text) for text in result.supposed] == [
            "The signature was not kept: it is taken as genuine.",
            "The password was not kept: it is taken as right.",
            "The session token was not kept: its session is taken as open.",
        ]
        assert "[redacted]" in result.answer

    def test_do_not_let_a_locked_player_in(self, world: World) -> None:
        world.send(world.message("bet", seqNo="x", username="mona09"))

        result = _again(world, "x")

        assert (result.status, result.note) == (410, "player locked")

    def test_of_money_messages_are_only_the_session(self, world: World) -> None:
        world.send(world.message("bet", seqNo="x", signature="AAAA"))

        result = _again(world, "x")

        assert result.status == 4026
        assert [str(text) for text in result.supposed] == [
            "The session token was not kept: its session is taken as open."
        ]


class TestAMessageThatIsTooOld:
    def test_is_judged_as_it_stands_and_as_if_sent_anew(self, world: World) -> None:
        world.send(world.message("bet", seqNo="x", timestamp=1577808000000))

        result = _again(world, "x")

        assert result.too_late is not None
        assert result.too_late.status == 4025
        assert result.status == 200


class TestAnUnknownPlayer:
    def test_would_be_registered_and_is_not(self, world: World) -> None:
        world.send(world.message("login_password", seqNo="x", username="newcomer1"))
        world.switch(auto_register=True)

        result = _again(world, "x")

        assert result.status == 200
        assert not Player.objects.filter(channel=world.channel, username="newcomer1").exists()


class TestRefunds:
    def test_would_be_given_back_and_are_not(self, world: World) -> None:
        world.move(1, "-80", "b-1", round_code="BP1-x")
        world.switch(status="maintenance")
        assert world.send(world.message("refund", seqNo="x")).status == 505
        world.switch(status="active")

        result = _again(world, "x")

        assert result.status == 200
        assert '"refundMoney":80.00' in result.answer
        assert world.balance() == Decimal("920.01")
        assert not RefundRequest.objects.filter(channel_number=world.channel.pk).exists()


class TestWhatCannotBeTried:
    def test_is_a_body_that_was_not_kept(self, world: World) -> None:
        received = ReceivedCallback(event="increaseCredit", request='{"unreadable":"ab"}')

        with pytest.raises(NotRehearsable, match="not kept"):
            rehearse(received, HttpRequest())

    def test_is_one_whose_player_somebody_else_holds(self, world: World) -> None:
        world.send(world.message("login_password", seqNo="x"))
        (received,) = world.received("x")

        with connect() as other, other.transaction():
            other.execute(
                "SELECT 1 FROM wallet_player WHERE id = %s FOR UPDATE",
                [world.players["lily08"].pk],
            )
            with world.nothing_moves(), pytest.raises(NotRehearsable, match="busy"):
                rehearse(received, HttpRequest())


class TestThePage:
    def test_shows_the_answer_and_keeps_the_inbox_as_it_is(self, world: World) -> None:
        world.switch(status="maintenance")
        world.move(1, "-80", "x")
        (received,) = world.received("x")
        world.switch(status="active")
        client = Client()
        client.force_login(User.objects.create_superuser(f"root{world.channel.pk}"))
        address = f"/admin/callbacks/receivedcallback/{received.pk}/rehearse/"

        with world.nothing_moves():
            asked = client.get(address).content.decode()
            page = client.post(address).content.decode()

        assert "Nothing was moved" not in asked
        assert "Nothing was moved, kept or sent" in page
        assert "920.01" in page
        assert "its session is taken as open" in page
        assert len(world.received("x")) == 1
