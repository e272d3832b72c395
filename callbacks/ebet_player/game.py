"""Many players at once, and the reckoning at the end."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from callbacks.ebet_player.client import EbetClient, NoAnswer, new_seq_no, number
from callbacks.ebet_player.rounds import DISORDERLY, ORDERLY
from callbacks.ebet_player.seat import Seat
from wallet import players
from wallet.models import MAIN_TYPE_ID, Channel, Player, Wallet

STARTING_MONEY: Final = Decimal(1000)


class Game:
    """Players of one channel at one table. `wrong` says what the channel did wrong."""

    def __init__(
        self, *, client: EbetClient, channel: Channel, size: int, faults: bool, seed: int
    ) -> None:
        self.wrong: list[str] = []
        self.counts: Counter[str] = Counter()
        self._client = client
        self._channel = channel
        self._dice = random.Random(seed)  # noqa: S311  games, not secrets
        self._rounds = ORDERLY + DISORDERLY if faults else ORDERLY
        self._accounts = {
            player.username: player
            for player in Player.objects.filter(
                channel=channel, status=Player.Status.ACTIVE, currency=channel.currency
            )
            # Those with fixed tokens are kept as they are, for examples and eBET's own tests.
            .exclude(access_tokens__fixed=True)
            .exclude(sessions__fixed=True)
            .order_by("id")[:size]
        }
        self._seats = [
            Seat(
                client=client,
                username=username,
                currency=channel.currency,
                faulty=faults,
                dice=random.Random(self._dice.random()),  # noqa: S311
                report=self.wrong.append,
            )
            for username in self._accounts
        ]

    @property
    def size(self) -> int:
        return len(self._seats)

    def play(self, *, rounds: int, concurrency: int) -> None:
        """Play that many rounds. Raises NoAnswer when the server is not there."""
        for seat in self._seats:
            self._sit_down(seat)
        shares: dict[Seat, list[int]] = {seat: [] for seat in self._seats}
        for number_of_round in range(rounds):
            shares[self._dice.choice(self._seats)].append(number_of_round)
        with ThreadPoolExecutor(concurrency) as pool:
            for done in [
                pool.submit(self._play, seat, len(share)) for seat, share in shares.items()
            ]:
                done.result()
        self._refund_batch()
        for seat in self._seats:
            self._reckon(seat)
            self.counts += seat.counts

    def _sit_down(self, seat: Seat) -> None:
        token = players.issue_access_token(
            player=self._accounts[seat.username],
            expires_at=timezone.now() + timedelta(minutes=5),
        )
        seat.log_in(token)
        if seat.balance < STARTING_MONEY:
            seat.move(38, STARTING_MONEY - seat.balance, "")

    def _play(self, seat: Seat, rounds: int) -> None:
        for _ in range(rounds):
            kind = seat.dice.choice(self._rounds)
            seat.counts[f"round: {kind.__name__.replace('_', ' ')}"] += 1
            try:
                kind(seat)
            except NoAnswer as error:
                seat.wrong(f"{kind.__name__}: {error}")
                return

    def _refund_batch(self) -> None:
        """At the end everybody's last bet fails, and one message gives all of them back."""
        stake = Decimal("1.5")
        bets = {seat.move(1, -stake, new_seq_no("round")): seat for seat in self._seats}
        message = self._client.message(
            "autoBatchRefund",
            lastStartProcessTime=number(0),
            refundThreshold=number(10_000),
            sessionToken="",
            seqNo=new_seq_no("batch"),
            batchRefundList=[
                {
                    "seqNo": seq_no,
                    "username": seat.username,
                    "roundCode": "",
                    "refundMoney": number(stake),
                }
                for seq_no, seat in bets.items()
            ],
            currency=self._channel.currency,
        )
        self.counts["autoBatchRefund"] += 2
        for _ in range(2):
            answer = self._client.send("autoBatchRefund", message)
            told = {
                each["seqNo"]: int(each["status"].token)
                for found in answer.members["refundResultList"]
                for each in found["sucRefundSeqNoList"]
            }
            if told != dict.fromkeys(bets, 200):
                self.wrong.append(f"batch refund: told {told}")
        for seat in self._seats:
            seat.balance += stake

    def _reckon(self, seat: Seat) -> None:
        told = seat.sync()
        stored = Wallet.objects.get(
            player=self._accounts[seat.username], type_id=MAIN_TYPE_ID
        ).balance
        if not seat.balance == told == stored:
            seat.wrong(f"balance {told} told, {stored} in the ledger, {seat.balance} in the book")
