"""One visit: the three kinds of login, a balance, a callback; every answer is looked at."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from callbacks.ebet_player.client import (
    PASSWORD_LOGINS,
    Answer,
    EbetClient,
    Message,
    NoAnswer,
    new_seq_no,
    number,
)

WALLETS: Final = 7


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who logs in, and with what."""

    username: str
    password: str
    access_token: str
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class Step:
    """One message, its answer, and what is wrong with it."""

    title: str
    event: str
    message: Message
    answer: Answer | None
    faults: list[str]


def visit(client: EbetClient, visitor: Visitor) -> Iterator[Step]:
    """Go through the messages one after the other, each step as soon as it is done."""
    session = ""
    for title, event_type in (("page login", 1), ("app link login", 3), ("token login", 4)):
        step = _step(
            client, title, "registerOrLogin", _login(client, visitor, event_type), _entered
        )
        yield step
        if step.answer is not None and not step.faults:
            session = step.answer.text("sessionToken")
    sync = client.message(
        "syncCredit",
        username=visitor.username,
        tableType=number(-1),
        currency=visitor.currency,
        sessionToken=session,
        seqNo=new_seq_no("sync"),
    )
    yield _step(client, "balance", "syncCredit", sync, _balance)
    notice = client.message(
        "callback", seconds=True, username=visitor.username, accessToken=visitor.access_token
    )
    yield _step(client, "callback", "callback", notice, _wallets)


def _login(client: EbetClient, visitor: Visitor, event_type: int) -> Message:
    by_password = str(event_type) in PASSWORD_LOGINS
    return client.message(
        "registerOrLogin",
        username=visitor.username,
        password=visitor.password if by_password else "",
        accessToken="" if by_password else visitor.access_token,
        currency=visitor.currency,
        ip="127.0.0.1",
        eventType=number(event_type),
        platform=number(0 if event_type == 3 else 3),
        sessionToken=new_seq_no("visit"),
        seqNo=new_seq_no("login"),
    )


def _step(
    client: EbetClient,
    title: str,
    event: str,
    message: Message,
    check: Callable[[Message, Answer], Iterator[str]],
) -> Step:
    try:
        answer = client.send(event, message)
    except NoAnswer as error:
        return Step(title, event, message, None, [str(error)])
    faults = [] if answer.http_status == 200 else [f"HTTP {answer.http_status} instead of 200"]
    try:
        if answer.status != 200:
            faults.append(f"status {answer.status} instead of 200")
        else:
            faults += check(message, answer)
    except NoAnswer as error:
        faults.append(str(error))
    return Step(title, event, message, answer, faults)


def _entered(message: Message, answer: Answer) -> Iterator[str]:
    yield from _same(message, answer, "username", "seqNo", "event", "currency")
    answer.integer("subChannelId")
    answer.text("accessToken")
    if answer.text("sessionToken") == "":
        yield "no session token"


def _balance(message: Message, answer: Answer) -> Iterator[str]:
    yield from _same(message, answer, "username", "seqNo", "event")
    answer.money("money")


def _wallets(message: Message, answer: Answer) -> Iterator[str]:
    yield from _same(message, answer, "username", "channelId")
    for name in ("subChannelId", "userId", "timestamp"):
        answer.integer(name)
    answer.text("apiVersion")
    answer.money("money")
    wallets = answer.members.get("wallet")
    types = [each.get("typeId") for each in wallets] if isinstance(wallets, list) else []
    if types != [number(type_id) for type_id in range(WALLETS)]:
        yield f"not the wallets 0 to {WALLETS - 1}: {types}"


def _same(message: Message, answer: Answer, *names: str) -> Iterator[str]:
    for name in names:
        if answer.members.get(name) != message[name]:
            yield f"{name} is {answer.members.get(name)!r} instead of {message[name]!r}"
