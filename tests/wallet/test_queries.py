"""Balances now and at any moment, statements and the trial balance."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.wallet.money import Purse, money, new_channel, new_player
from wallet import ledger, queries
from wallet.ledger import Posting
from wallet.models import EntryKind

pytestmark = pytest.mark.django_db


def moment(posting: Posting) -> datetime:
    assert posting.posted_at is not None
    return posting.posted_at


class TestAWalletsBalanceAtAMoment:
    def test_is_that_after_the_last_entry_before_it(self) -> None:
        purse = Purse("1000")
        bet = purse.bet("-80")
        payout = purse.post(EntryKind.PAYOUT, "30")

        assert queries.wallet_balance(wallet=purse.wallet, at=moment(bet)) == 1000
        assert queries.wallet_balance(wallet=purse.wallet, at=moment(payout)) == 920
        assert queries.wallet_balance(wallet=purse.wallet, at=timezone.now()) == 950

    def test_is_zero_before_its_first_entry(self) -> None:
        purse = Purse("1000")

        yesterday = timezone.now() - timedelta(days=1)

        assert queries.wallet_balance(wallet=purse.wallet, at=yesterday) == 0


class TestTheBalancesOfAChannel:
    def test_are_totals_by_currency(self) -> None:
        channel = new_channel()
        purse = Purse(player=new_player("1000", channel=channel))
        Purse(player=new_player("500.5", channel=channel))
        Purse(player=new_player("70", channel=channel, currency="USD"))
        bet = purse.bet("-80")

        now = queries.balances(at=timezone.now(), channel=channel)
        before = queries.balances(at=moment(bet), channel=channel)

        assert now == {(channel.pk, "CNY"): money("1420.5"), (channel.pk, "USD"): money(70)}
        assert before[channel.pk, "CNY"] == money("1500.5")

    def test_of_everything_include_the_channel(self) -> None:
        purse = Purse("1000")

        everything = queries.balances(at=timezone.now())

        assert everything[purse.player.channel_id, "CNY"] == 1000


class TestAStatement:
    def test_opens_moves_and_closes_without_a_gap(self) -> None:
        purse = Purse("1000")
        first = purse.bet("-80")
        purse.bet("-5000")  # refused: listed, moves nothing
        purse.post(EntryKind.PAYOUT, "30.25")
        last = purse.bet("-10")

        statement = queries.statement(wallet=purse.wallet, since=moment(first), until=moment(last))

        amounts = [entry.amount for entry in statement.entries]
        assert (statement.opening, amounts, statement.closing) == (
            Decimal(1000),
            [money(-80), money(0), money("30.25")],
            money("950.25"),
        )
        assert statement.opening + sum(amounts) == statement.closing

    def test_of_a_quiet_period_closes_as_it_opened(self) -> None:
        purse = Purse("1000")
        tomorrow = timezone.now() + timedelta(days=1)

        statement = queries.statement(
            wallet=purse.wallet, since=tomorrow, until=tomorrow + timedelta(days=1)
        )

        assert (statement.opening, list(statement.entries), statement.closing) == (1000, [], 1000)


class TestTheTrialBalance:
    def test_shows_every_account_and_sums_to_zero(self) -> None:
        purse = Purse("1000")
        side = Purse(player=purse.player, type_id=1)
        purse.bet("-80", "b-1")
        purse.post(EntryKind.PAYOUT, "30")
        purse.post(EntryKind.TIP, "-5")
        purse.post(EntryKind.BONUS, "7")
        purse.post(EntryKind.HOLD, "-100", reference="h-1")
        purse.post(EntryKind.RELEASE, "40", holds=["h-1"])
        ledger.transfer(
            from_wallet_id=purse.wallet.pk,
            to_wallet_id=side.wallet.pk,
            amount=money(11),
            reference="t-1",
        )

        rows = queries.trial_balance(channel=purse.player.channel)

        assert {row.role: row.balance for row in rows} == {
            "": money(892),
            "opening": money(-1000),
            "clearing": money(50),
            "tips": money(5),
            "bonus": money(-7),
            "withheld": money(60),
            "transit": money(0),
        }
        assert sum(row.balance for row in rows) == 0

    def test_at_a_moment_leaves_out_what_came_later(self) -> None:
        purse = Purse("1000")
        bet = purse.bet("-80")

        rows = queries.trial_balance(channel=purse.player.channel, at=moment(bet))

        assert {row.role: row.balance for row in rows} == {"": 1000, "opening": -1000}

    def test_keeps_currencies_apart(self) -> None:
        channel = new_channel()
        new_player("1000", channel=channel)
        new_player("70", channel=channel, currency="USD")

        rows = queries.trial_balance(channel=channel)

        assert [(row.currency, row.role, row.balance) for row in rows] == [
            ("CNY", "", 1000),
            ("CNY", "opening", -1000),
            ("USD", "", 70),
            ("USD", "opening", -70),
        ]
