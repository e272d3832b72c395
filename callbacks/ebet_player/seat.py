"""One player at the table, with eBET's own book of the balance.

Every movement is sent through the faults that a real line has, and every answer is compared with
the book.
"""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any, Final

from callbacks.ebet_player.client import Answer, EbetClient, Message, new_seq_no, number

OK: Final = 200
FAULT_RATE: Final = 0.4
COPIES: Final = 3

Report = Callable[[str], None]


class Seat:
    """Used by one thread at a time."""

    def __init__(
        self,
        *,
        client: EbetClient,
        username: str,
        currency: str,
        faulty: bool,
        dice: random.Random,
        report: Report,
    ) -> None:
        self.username = username
        self.currency = currency
        self.dice = dice
        self.balance = Decimal(0)
        self.counts: Counter[str] = Counter()
        self._session = ""
        self._client = client
        self._faulty = faulty
        self._report = report

    # --- Sitting down -------------------------------------------------------------------------

    def log_in(self, access_token: str) -> None:
        message = self._client.message(
            "registerOrLogin",
            username=self.username,
            password="",
            accessToken=access_token,
            currency=self.currency,
            ip="127.0.0.1",
            eventType=number(4),
            platform=number(3),
            sessionToken="",
            seqNo=new_seq_no("login"),
        )
        answer = self.send("registerOrLogin", message)
        if self.expect(answer, "login", status=OK):
            self._session = answer.text("sessionToken")
        self.balance = self.sync()

    def sync(self) -> Decimal:
        """The balance as the channel tells it."""
        message = self._client.message(
            "syncCredit",
            username=self.username,
            tableType=number(1),
            currency=self.currency,
            sessionToken=self._session,
            seqNo=new_seq_no("sync"),
        )
        answer = self.send("syncCredit", message)
        self.expect(answer, "sync", status=OK)
        return answer.money("money")

    # --- Moving money -------------------------------------------------------------------------

    def movement(
        self, code: int, money: Decimal, round_code: str, *, seq_no: str = "", **detail: Any
    ) -> Message:
        return self._client.message(
            "increaseCredit",
            username=self.username,
            money=number(money),
            type=number(code),
            platform=number(3),
            currency=self.currency,
            seqNo=seq_no or new_seq_no(f"t{code}"),
            sessionToken=self._session,
            detail={"tableCode": "PLAY", "tableType": number(1), "roundCode": round_code, **detail},
        )

    def move(
        self, code: int, money: Decimal, round_code: str, *, status: int = OK, **detail: Any
    ) -> str:
        """Send a movement that must be answered with `status`; its seqNo."""
        message = self.movement(code, money, round_code, **detail)
        self.deliver(message, status=status)
        return str(message["seqNo"])

    def deliver(self, message: Message, *, status: int = OK) -> None:
        """Send a movement, perhaps badly, and see that it counts exactly once."""
        money = Decimal(message["money"].token)
        after = self.balance + money if status == OK else self.balance
        copies = 1
        if self._faulty and status == OK and self.dice.random() < FAULT_RATE:
            fault = self.dice.choice(_FAULTS)
            self.counts[f"fault: {fault.__name__.strip('_').replace('_', ' ')}"] += 1
            fault(self, message)
            copies = self.dice.randint(1, COPIES)
        for answer in self._answers(message, copies):
            self._expect_movement(answer, message, status=status, after=after)
        self.balance = after

    def _answers(self, message: Message, copies: int) -> list[Answer]:
        if copies == 1:
            return [self.send("increaseCredit", message)]
        with ThreadPoolExecutor(copies) as pool:
            return list(pool.map(lambda _: self.send("increaseCredit", message), range(copies)))

    def _expect_movement(
        self, answer: Answer, message: Message, *, status: int, after: Decimal
    ) -> None:
        title = f"type {message['type'].token} of {message['money'].token}"
        self.expect(answer, title, status=status)
        if status in (OK, 1003):
            told = (answer.money("moneyBefore"), answer.money("money"))
            if told != (self.balance, after):
                self.wrong(f"{title}: told {told}, the book says {(self.balance, after)}")

    # --- Refunds and queries ------------------------------------------------------------------

    def refund(self, bets: dict[str, Decimal], *, statuses: list[int]) -> None:
        """Ask for these bets (seqNo: stake) back in one message."""
        message = self._client.message(
            "refundSingleWallet",
            username=self.username,
            refundList=[
                {
                    "refundSeqNo": seq_no,
                    "username": self.username,
                    "roundCode": "",
                    "refundMoney": number(-stake),
                }
                for seq_no, stake in bets.items()
            ],
            roundCode="",
            seqNo=new_seq_no("refund"),
            currency=self.currency,
            sessionToken=self._session,
        )
        back = sum(
            (stake for stake, status in zip(bets.values(), statuses, strict=True) if status == OK),
            Decimal(0),
        )
        for _ in range(2 if self._faulty else 1):
            answer = self.send("refundSingleWallet", message)
            if not self.expect(answer, "refund", status=OK):
                continue
            told = [int(each["status"].token) for each in answer.members["resultList"]]
            if told != statuses or answer.money("refundMoney") != back:
                self.wrong(f"refund: told {told}, expected {statuses}")
        self.balance += back

    def query(self, wanted: dict[str, int]) -> None:
        """Ask what became of movements (seqNo: status)."""
        message = self._client.message(
            "queryIncreaseCreditRecord",
            username=self.username,
            querySeqNo=",".join(wanted),
            roundCode="",
            seqNo=new_seq_no("query"),
            sessionToken=self._session,
        )
        answer = self.send("queryIncreaseCreditRecord", message)
        if self.expect(answer, "query", status=OK):
            records = answer.members["creditRecord"]
            told = {each["querySeqNo"]: int(each["status"].token) for each in records}
            if told != wanted:
                self.wrong(f"query: told {told}, expected {wanted}")

    # --- The line -----------------------------------------------------------------------------

    def send(self, event: str, message: Message) -> Answer:
        self.counts[event] += 1
        return self._client.send(event, message)

    def expect(self, answer: Answer, title: str, *, status: int) -> bool:
        """Whether the answer has this status; if not, it is reported."""
        if answer.status != status:
            self.wrong(f"{title}: status {answer.status} instead of {status}")
        return answer.status == status

    def wrong(self, text: str) -> None:
        self._report(f"{self.username}: {text}")

    # --- Faults: what goes wrong before the message arrives as it should ----------------------

    def _drop_answer(self, message: Message) -> None:
        self._client.send_and_hang_up("increaseCredit", message)

    def _forge(self, message: Message) -> None:
        """Somebody changes the amount on the way."""
        forged = message | {"money": number(Decimal(message["money"].token) * 2 + 1)}
        self.expect(self.send("increaseCredit", forged), "forged amount", status=4026)

    def _sign_badly(self, message: Message) -> None:
        unsigned = message | {"signature": ""}
        self.expect(self.send("increaseCredit", unsigned), "empty signature", status=4026)

    def _send_twice(self, message: Message) -> None:
        self.send("increaseCredit", message)


_FAULTS: Final[tuple[Callable[[Seat, Message], None], ...]] = (
    Seat._drop_answer,  # noqa: SLF001
    Seat._forge,  # noqa: SLF001
    Seat._sign_badly,  # noqa: SLF001
    Seat._send_twice,  # noqa: SLF001
)
