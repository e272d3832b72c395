"""manage.py play_ebet, against the running server."""

import io
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.callbacks.world import World, keys
from wallet import players
from wallet.models import Channel, Wallet


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "ebet.pem"
    path.write_text(keys()["K1"][1])
    return path


def run(world: World, key: Path, *arguments: str) -> str:
    output = io.StringIO()
    call_command(
        "play_ebet",
        *("--url", world.url, "--channel", str(world.channel.pk), "--key", str(key)),
        *("--username", "lily08", "--password", "pw-lily", "--token", "tk-ok"),
        *arguments,
        stdout=output,
        no_color=True,
    )
    return output.getvalue()


class TestVisit:
    def test_prints_every_message_and_answer_without_secrets(self, world: World, key: Path) -> None:
        with world.nothing_moves():
            output = run(world, key)

        assert output.count("POST /registerOrLogin") == 3
        assert output.count("  > {") == output.count("  < {") == 5
        assert "Every answer was right." in output
        assert "pw-lily" not in output

    def test_fails_when_an_answer_is_wrong(self, world: World, key: Path) -> None:
        world.switch(serve_callback=False)

        with pytest.raises(CommandError, match="1 answers were wrong"):
            run(world, key)

    def test_fails_when_nobody_answers(self, world: World, key: Path) -> None:
        world.url = "http://127.0.0.1:9"

        with pytest.raises(CommandError, match="5 answers were wrong"):
            run(world, key)

    def test_fails_without_a_key(self, world: World, key: Path) -> None:
        key.unlink()

        with pytest.raises(CommandError, match="key cannot be read"):
            run(world, key)


class TestGame:
    @pytest.fixture(autouse=True)
    def _guests(self, world: World) -> None:
        for number in range(5):
            world.players[f"guest{number}"] = players.register(
                channel=world.channel,
                username=f"guest{number}",
                opening_balances={0: Decimal(number * 300)},
            )

    @pytest.mark.parametrize("refund_mode", Channel.RefundMode.values)
    def test_every_balance_agrees_with_ebets_book(
        self, world: World, key: Path, refund_mode: str
    ) -> None:
        world.switch(refund_mode=refund_mode)

        output = run(
            world, key, "--rounds", "60", "--players", "5", "--concurrency", "4", "--faults"
        )

        assert "5 players" in output
        assert "fault: drop answer" in output

    def test_the_ledger_explains_every_balance(self, world: World, key: Path) -> None:
        run(world, key, "--rounds", "20", "--players", "5", "--concurrency", "4", "--faults")

        for wallet in Wallet.objects.filter(channel=world.channel):
            amounts = wallet.entries.values_list("amount", flat=True)
            assert wallet.balance == sum(amounts, Decimal(0))

    def test_a_wrong_balance_is_noticed(self, world: World, key: Path) -> None:
        world.switch(wallet_routes={"1": 1})

        with pytest.raises(CommandError, match="were wrong"):
            run(world, key, "--rounds", "5", "--players", "5")

    def test_the_examples_players_are_left_alone(self, world: World, key: Path) -> None:
        run(world, key, "--rounds", "5", "--players", "5")

        assert world.balance("lily08") == Decimal("1000.01")
