"""The kinds of rounds that are played: each leaves the seat's book as the protocol says it must."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from callbacks.ebet_player.client import new_seq_no
from callbacks.ebet_player.seat import Seat

ZERO: Final = Decimal(0)

Round = Callable[[Seat], None]


def win_or_lose(seat: Seat) -> None:
    """One to three bets and their payout, which is 0.00 for a lost round."""
    code = new_seq_no("round")
    bets = {}
    for stake in (_stake(seat) for _ in range(seat.dice.randint(1, 3))):
        bets[seat.move(1, -stake, code)] = stake
    won = seat.dice.choice([ZERO, sum(bets.values(), ZERO) * 2, Decimal("0.01")])
    payout = seat.move(2, won, code, betList=[{"seqNo": seq_no} for seq_no in bets])
    seat.query(dict.fromkeys([*bets, payout], 200))


def double_up(seat: Seat) -> None:
    """A hold, the bet, what is left of the hold, the payout."""
    code, stake = new_seq_no("round"), _stake(seat)
    hold = seat.move(27, -stake * 3, code)
    seat.move(1, -stake, code)
    seat.move(28, stake * 3, code, withHoldingList=[{"betType": "302", "seqNo": hold}])
    seat.move(2, stake * 2, code)


def double_up_that_fails(seat: Seat) -> None:
    """A hold whose bet is refused for want of money is released."""
    code, stake = new_seq_no("round"), _stake(seat)
    hold = seat.move(27, -stake, code)
    refused = seat.move(1, -(seat.balance + Decimal("0.01")), code, status=1003)
    seat.move(11, stake, code, withHoldingSeqNo=hold)
    seat.query({hold: 200, refused: 1003})


def bet_that_is_refunded(seat: Seat) -> None:
    """Refunded once, however often it is asked; a win on it comes too late."""
    code, stake = new_seq_no("round"), _stake(seat)
    bet = seat.move(1, -stake, code)
    seat.refund({bet: stake + 1}, statuses=[207])
    seat.refund({bet: stake}, statuses=[200])
    seat.refund({bet: stake}, statuses=[209])
    seat.query({bet: 209})
    seat.move(2, stake, code, status=209)


def settled_bet(seat: Seat) -> None:
    """What has been paid out is not refunded."""
    code, stake = new_seq_no("round"), _stake(seat)
    bet = seat.move(1, -stake, code)
    seat.move(2, ZERO, code)
    seat.refund({bet: stake}, statuses=[208])


def refund_before_its_bet(seat: Seat) -> None:
    """The bet was on its way when its refund came: it is not taken any more."""
    bet, stake = new_seq_no("late"), _stake(seat)
    seat.refund({bet: stake}, statuses=[206])
    seat.deliver(seat.movement(1, -stake, new_seq_no("round"), seq_no=bet), status=209)


def payout_before_its_bet(seat: Seat) -> None:
    """Refused until the bet has come, then paid."""
    code, stake = new_seq_no("round"), _stake(seat)
    payout = seat.movement(2, stake * 2, code)
    seat.deliver(payout, status=208)
    seat.move(1, -stake, code)
    seat.deliver(payout)


def extras(seat: Seat) -> None:
    """Tips, tournaments, bonuses and corrections."""
    code, money = new_seq_no("round"), _stake(seat)
    for kind, signed in (
        (14, money * 4),
        (3, -money),
        (8, -money),
        (9, money),
        (23, money),
        (24, money),
        (38, money),
        (37, -money * 2),
        (37, money),
        (15, -money * 3),
    ):
        seat.move(kind, signed, code)


def same_number_other_content(seat: Seat) -> None:
    """A seqNo stands for one movement only."""
    code, stake = new_seq_no("round"), _stake(seat)
    bet = seat.move(1, -stake, code)
    other = seat.movement(1, -(stake + 1), code, seq_no=bet)
    seat.deliver(other, status=4025)
    seat.move(2, stake, code)


ORDERLY: Final[tuple[Round, ...]] = (win_or_lose, win_or_lose, double_up, extras)
DISORDERLY: Final[tuple[Round, ...]] = (
    double_up_that_fails,
    bet_that_is_refunded,
    settled_bet,
    refund_before_its_bet,
    payout_before_its_bet,
    same_number_other_content,
)


def _stake(seat: Seat) -> Decimal:
    """From 0.01 to 20.00: small enough that a thousand rounds leave something to play with."""
    return Decimal(seat.dice.randint(1, 2000)) / 100
