"""What the property tests ask of the ledger and are answered, and how requests are made up.

Few references, amounts and rounds, so that requests meet: repeats, conflicts, late originals,
reversals of everything. Wallets 0 and 1 belong to player 0, wallets 2 and 3 to player 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import strategies as st

ZERO = Decimal(0)
OWNERS = [0, 0, 1, 1]
STAFF = range(4)
SOURCES = {
    **dict.fromkeys(("bet", "tip", "fee"), "play"),
    **dict.fromkeys(("payout", "bonus", "prize"), "win"),
    **dict.fromkeys(("hold", "release"), "hold"),
    **dict.fromkeys(("deposit", "withdrawal", "clawback", "correction"), "desk"),
}


@dataclass(frozen=True)
class Post:
    wallet: int
    kind: str
    amount: Decimal
    source: str
    reference: str
    round_code: str = ""
    needs_stake: bool = False
    stakes: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    refuse_failed: bool = False
    holds: tuple[str, ...] = ()

    @property
    def key(self) -> Key:
        return self.source, self.reference


@dataclass(frozen=True)
class Reverse:
    wallet: int
    sources: tuple[str, ...]
    target: str
    target_kind: str
    kind: str
    reference: str
    expected: Decimal | None
    unless_settled: bool

    @property
    def key(self) -> Key:
        return self.kind, self.reference


@dataclass(frozen=True)
class Transfer:
    payer: int
    payee: int
    amount: Decimal
    reference: str


@dataclass(frozen=True)
class Batch:
    items: tuple[Post, ...]


@dataclass(frozen=True)
class Propose:
    wallet: int
    kind: str
    amount: Decimal
    maker: int


@dataclass(frozen=True)
class Decide:
    proposal: int
    checker: int
    approved: bool


@dataclass(frozen=True)
class Lock:
    player: int
    locked: bool


Operation = Post | Reverse | Transfer | Batch | Propose | Decide | Lock

Key = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """``entry`` is the recorded entry that the answer is about, None when nothing was recorded."""

    result: str
    code: str = ""
    before: Decimal = ZERO
    after: Decimal = ZERO
    entry: Key | None = None
    sequence: int | None = None


MISTAKE = Answer("mistake")
State = tuple[list[tuple[Decimal, Decimal, int]], set[int]]  # the wallets; the locked players
Outcome = Answer | tuple[Answer, ...] | str

wallets = st.sampled_from(range(len(OWNERS)))
references = st.sampled_from("12345678")
several = st.lists(references, max_size=4, unique=True).map(tuple)
rounds = st.sampled_from(["", "r1", "r1", "r2"])
amounts = st.sampled_from(
    [Decimal(a) for a in ("0.0001", "1", "2.5", "10", "33.3333", "60", "100.0001")]
)
losses = amounts.map(lambda amount: -amount)
rarely = st.sampled_from([False] * 9 + [True])


@st.composite
def posts(draw: st.DrawFn) -> Post:
    kind = draw(st.sampled_from([*SOURCES, "bet", "bet", "payout", "hold", "release"]))
    if kind == "correction":
        amount = draw(amounts | losses)
    elif kind in ("bet", "tip", "fee", "hold", "withdrawal", "clawback"):
        amount = draw(losses)
    else:
        amount = draw(amounts | st.just(Decimal(0)) if kind == "payout" else amounts)
    if draw(rarely):
        amount = -amount
    payout = kind == "payout"
    return Post(
        wallet=draw(wallets),
        kind=kind,
        amount=amount,
        source=SOURCES[kind] if kind != "release" else "back",
        reference=draw(references),
        round_code=draw(rounds),
        needs_stake=payout and draw(st.booleans()),
        stakes=draw(several) if payout else (),
        failed=draw(several) if payout else (),
        refuse_failed=payout and draw(rarely),
        holds=draw(several) if kind == "release" else (),
    )


@st.composite
def reversals(draw: st.DrawFn) -> Reverse:
    sources, target_kind, kind = draw(
        st.sampled_from(
            [
                (("play", "hold"), "bet", "refund"),
                (("play", "hold"), "bet", "refund"),
                (("hold",), "hold", "refund"),
                (("win",), "bonus", "reversal"),
                (("desk", "back"), "deposit", "reversal"),
                (("transfer:out",), "transfer_out", "reversal"),
            ]
        )
    )
    return Reverse(
        wallet=draw(wallets),
        sources=sources,
        target=draw(references),
        target_kind=target_kind,
        kind=kind,
        reference=draw(references),
        expected=draw(st.none() | losses),
        unless_settled=draw(st.booleans()),
    )


transfers = wallets.flatmap(
    lambda payer: st.builds(
        Transfer,
        payer=st.just(payer),
        payee=st.sampled_from([payer ^ 1] * 4 + [payer, payer ^ 2]),  # ^ 1 is the same player's
        amount=amounts,
        reference=references,
    )
)
proposals = st.builds(
    Propose,
    wallet=wallets,
    kind=st.sampled_from(["adjustment", "deposit", "bonus", "withdrawal", "clawback"]),
    amount=amounts | losses,
    maker=st.sampled_from(STAFF),
)
locks = st.builds(Lock, player=st.sampled_from([0, 1]), locked=st.booleans())


_CHANGES: dict[str, st.SearchStrategy[object]] = {
    "wallet": wallets,
    "payer": wallets,
    "payee": wallets,
    "amount": amounts | losses,
    "round_code": rounds,
    "target": references,
    "expected": st.none() | losses,
}


@st.composite
def once_more(draw: st.DrawFn, earlier: Sequence[Operation]) -> Operation:
    """An earlier request again, as it was, with one member changed, or what takes it back."""
    request = draw(st.sampled_from(earlier))
    if isinstance(request, Batch):
        request = draw(st.sampled_from(request.items))
    if isinstance(request, Post) and draw(st.booleans()):
        return replace(
            draw(reversals()),
            sources=(request.source,),
            target=request.reference,
            target_kind=request.kind,
            kind="refund" if request.amount < 0 else "reversal",
            wallet=request.wallet,
            expected=None,
        )
    names = [name for name in _CHANGES if hasattr(request, name)]
    if not names or draw(st.booleans()):
        return request
    name = draw(st.sampled_from(names))
    changed: Operation = replace(request, **{name: draw(_CHANGES[name])})  # type: ignore[arg-type]
    return changed


def _plain(post: Post) -> Post:
    """As an item of a batch, which knows nothing of stakes."""
    return replace(post, needs_stake=False, stakes=(), failed=(), refuse_failed=False)


def _own_round(post: Post) -> Post:
    """With rounds of its own for each wallet: a payout does not lock the wallet of the bet."""
    return replace(post, round_code=post.round_code and f"{post.round_code} of {post.wallet}")


batches = st.lists(posts().map(_plain), min_size=1, max_size=6).map(tuple).map(Batch)
single = posts() | posts() | reversals() | transfers | batches | locks | proposals
# At the same time; a lock may come between the items of a batch, so these two do not meet.
_moving = posts().map(_own_round) | reversals() | transfers
concurrent = st.lists(_moving | locks, min_size=2, max_size=3) | st.lists(
    _moving | batches, min_size=2, max_size=3
)
