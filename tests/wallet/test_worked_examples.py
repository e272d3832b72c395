"""The ledger told as stories that an accountant can check line by line.

Each story ends with the player's wallet and with the house's accounts, seen from the house: what
the player lost is positive there. Wallet and house accounts always sum to nothing.
"""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User

from tests.wallet.money import Purse, unique
from wallet import adjustments, ledger, queries
from wallet.models import ApprovalLimit, EntryKind

pytestmark = pytest.mark.django_db


class Books:
    """A player who starts with 1,000.00 CNY, and the channel's accounts around the wallet."""

    def __init__(self) -> None:
        self.purse = Purse("1000")

    def record(self, kind: EntryKind, amount: str, **fields: object) -> None:
        answer = self.purse.post(kind, amount, **fields)
        assert answer.accepted, answer.code

    def player(self) -> Decimal:
        return self.purse.balance

    def house(self) -> dict[str, Decimal]:
        """Accounts that are not empty; the opening balance is left out of every story."""
        rows = queries.trial_balance(channel=self.purse.player.channel)
        assert sum(row.balance for row in rows) == 0
        return {
            row.role: row.balance for row in rows if row.role not in ("", "opening") and row.balance
        }


@pytest.fixture
def books() -> Books:
    return Books()


def test_a_round_won(books: Books) -> None:
    """Lily stakes 80 on the banker and is paid stake and winnings less 5 % commission: 156."""
    books.record(EntryKind.BET, "-80", round_code="BP1-1")
    assert (books.player(), books.house()) == (920, {"clearing": 80})

    books.record(EntryKind.PAYOUT, "156", round_code="BP1-1", needs_stake=True)
    assert (books.player(), books.house()) == (1076, {"clearing": -76})


def test_a_round_lost(books: Books) -> None:
    """She stakes 80 and loses. The payout of 0.00 closes the round; the house has won 80."""
    books.record(EntryKind.BET, "-80", round_code="BP1-2")
    books.record(EntryKind.PAYOUT, "0", round_code="BP1-2", needs_stake=True)

    assert (books.player(), books.house()) == (920, {"clearing": 80})


def test_a_round_refunded(books: Books) -> None:
    """The dealer misdeals: her 80 come back, and the prize that was sent too is turned away."""
    books.record(EntryKind.BET, "-80", reference="bet-3", round_code="BP1-3")
    assert books.purse.reverse("bet-3", expected=Decimal(-80)).accepted
    assert (books.player(), books.house()) == (1000, {})

    late = books.purse.post(EntryKind.PAYOUT, "160", round_code="BP1-3", needs_stake=True)
    assert late.code == "stake_refunded"
    assert (books.player(), books.house()) == (1000, {})


def test_a_refund_that_overtakes_its_bet(books: Books) -> None:
    """The refund of a bet arrives before the bet: nothing to give back, and nothing is taken."""
    assert books.purse.reverse("bet-4", expected=Decimal(-80)).code == "unknown_reference"
    assert books.purse.bet("-80", "bet-4").code == "cancelled"

    assert (books.player(), books.house()) == (1000, {})


def test_a_double_up_with_a_hold(books: Books) -> None:
    """A bull-bull round may cost five times the stake, so 400 are withheld beside the bet of 100.

    She loses three-fold: 200 of the withheld money stay with the house, 200 come back.
    """
    books.record(EntryKind.HOLD, "-400", reference="hold-5", round_code="BB1-5")
    books.record(EntryKind.BET, "-100", round_code="BB1-5")
    assert (books.player(), books.purse.held) == (500, 400)
    assert books.house() == {"clearing": 100, "withheld": 400}

    books.record(EntryKind.RELEASE, "200", holds=["hold-5"], round_code="BB1-5")
    books.record(EntryKind.PAYOUT, "0", round_code="BB1-5", needs_stake=True)
    assert (books.player(), books.purse.held) == (700, 200)
    assert books.house() == {"clearing": 100, "withheld": 200}


def test_a_hold_whose_bet_failed(books: Books) -> None:
    """400 are withheld, the bet of 700 is refused for want of money, and the hold is released."""
    books.record(EntryKind.HOLD, "-400", reference="hold-6")
    assert books.purse.bet("-700").code == "insufficient_funds"
    books.record(EntryKind.RELEASE, "400", holds=["hold-6"])

    assert (books.player(), books.purse.held, books.house()) == (1000, 0, {})


def test_a_bonus_spent_and_taken_back(books: Books) -> None:
    """A prize of 1,200 turns out to be undeserved after she has lost 2,150 of her 2,200.

    A settlement is never refused: the wallet owes 1,150.
    """
    books.record(EntryKind.PRIZE, "1200")
    books.record(EntryKind.BET, "-2150", round_code="BP1-7")
    books.record(EntryKind.PAYOUT, "0", round_code="BP1-7")
    books.record(EntryKind.CLAWBACK, "-1200")

    assert (books.player(), books.house()) == (-1150, {"clearing": 2150})


def test_a_payout_corrected(books: Books) -> None:
    """Paid 200 where 1,400 were due; the difference of 1,200 follows as a correction."""
    books.record(EntryKind.BET, "-200", round_code="SB1-8")
    books.record(EntryKind.PAYOUT, "200", round_code="SB1-8", needs_stake=True)
    books.record(EntryKind.CORRECTION, "1200", round_code="SB1-8")

    assert (books.player(), books.house()) == (2200, {"clearing": -1200})


def test_a_tournament(books: Books) -> None:
    """A fee of 50, given back because the table was full; 50 again, a tip of 5, a prize of 300."""
    books.record(EntryKind.FEE, "-50")
    books.record(EntryKind.FEE_REFUND, "50")
    books.record(EntryKind.FEE, "-50")
    books.record(EntryKind.TIP, "-5")
    books.record(EntryKind.PRIZE, "300")

    assert (books.player(), books.house()) == (1245, {"clearing": 50, "tips": 5, "bonus": -300})


def test_money_in_out_and_between_wallets(books: Books) -> None:
    """500 deposited, 250 moved to the slot wallet, 300 withdrawn from the main one."""
    books.record(EntryKind.DEPOSIT, "500")
    slots = Purse(player=books.purse.player, type_id=5)
    ledger.transfer(
        from_wallet_id=books.purse.wallet.pk,
        to_wallet_id=slots.wallet.pk,
        amount=Decimal(250),
        reference=unique(),
    )
    books.record(EntryKind.WITHDRAWAL, "-300")

    assert (books.player(), slots.balance, books.house()) == (950, 250, {"cash": -200})


def test_a_disputed_adjustment(books: Books) -> None:
    """Support proposes to give 200 back. Finance rejects it for want of evidence, support proposes
    50 with a recording, finance approves: one movement, with everyone's name on it."""
    support = User.objects.create_user(unique("support"))
    finance = User.objects.create_user(unique("finance"))
    role = Group.objects.create(name=unique("Finance"))
    ApprovalLimit.objects.create(role=role, currency="CNY", amount=Decimal(100))
    finance.groups.add(role)

    def propose(amount: str, reason: str) -> int:
        return adjustments.propose(
            wallet=books.purse.wallet,
            kind="adjustment",
            amount=Decimal(amount),
            reason=reason,
            maker=support,
        ).pk

    first = propose("200", "the player says that the stream froze")
    adjustments.reject(adjustment_id=first, checker=finance, comment="no recording")
    assert (books.player(), books.house()) == (1000, {})

    second = propose("50", "recording 17 shows a frozen stream")
    decided = adjustments.approve(adjustment_id=second, checker=finance, comment="seen")
    assert (decided.state, decided.maker, decided.decisions.get().checker) == (
        "posted",
        support,
        finance,
    )
    assert (books.player(), books.house()) == (1050, {"adjustments": -50})
