"""Manual movements: who may decide them, how many it takes, and that they post once."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction

from tests.wallet.money import Purse, entry_of, money, unique
from wallet import adjustments
from wallet.models import Adjustment, AdjustmentDecision, ApprovalLimit

pytestmark = pytest.mark.django_db


def staff(limit: str | None = None, currency: str = "CNY", **fields: bool) -> User:
    user = User.objects.create_user(unique("staff"), **fields)  # type: ignore[arg-type]
    if limit is not None:
        role = Group.objects.create(name=unique("role"))
        ApprovalLimit.objects.create(role=role, currency=currency, amount=Decimal(limit))
        user.groups.add(role)
    return user


def proposal(
    purse: Purse, amount: str = "-20", maker: User | None = None, kind: str = "adjustment"
) -> Adjustment:
    return adjustments.propose(
        wallet=purse.wallet,
        kind=kind,
        amount=Decimal(amount),
        reason="correct a double bonus",
        maker=maker or staff(),
    )


class TestAProposal:
    def test_moves_nothing(self) -> None:
        purse = Purse("100")
        before = purse.state()

        adjustment = proposal(purse)

        assert adjustment.state == "proposed"
        assert purse.state() == before

    @pytest.mark.parametrize(
        ("kind", "amount"),
        [("adjustment", "0"), ("adjustment", "0.00001"), ("deposit", "-1"), ("clawback", "1")],
    )
    def test_with_an_impossible_amount_is_refused(self, kind: str, amount: str) -> None:
        purse = Purse("100")

        with pytest.raises(adjustments.BadAmount):
            proposal(purse, amount, kind=kind)

        assert not Adjustment.objects.filter(wallet=purse.wallet).exists()

    def test_without_a_reason_is_refused(self) -> None:
        purse = Purse("100")

        with pytest.raises(adjustments.ReasonMissing):
            adjustments.propose(
                wallet=purse.wallet, kind="adjustment", amount=money(5), reason=" ", maker=staff()
            )

        assert not Adjustment.objects.filter(wallet=purse.wallet).exists()

    def test_keeps_its_evidence(self, settings: object, tmp_path: object) -> None:
        settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
        purse = Purse("100")

        adjustment = adjustments.propose(
            wallet=purse.wallet,
            kind="adjustment",
            amount=money(5),
            reason="ticket 7",
            maker=staff(),
            attachment=ContentFile(b"evidence", name="ticket.txt"),
        )

        with adjustment.attachment.open() as evidence:
            assert evidence.read() == b"evidence"

    def test_cannot_be_altered_or_deleted_afterwards(self) -> None:
        adjustment = proposal(Purse("100"))

        adjustment.amount = Decimal(-2000)
        with pytest.raises(IntegrityError, match="proposal would change"), transaction.atomic():
            adjustment.save()
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            Adjustment.objects.filter(pk=adjustment.pk).delete()


class TestAnApprovalWithinTheApproversLimit:
    def test_posts_the_movement_with_its_reason_and_people(self) -> None:
        purse, maker, checker = Purse("100"), staff(), staff("50")
        adjustment = proposal(purse, "-20", maker)

        decided = adjustments.approve(adjustment_id=adjustment.pk, checker=checker, comment="seen")

        assert (decided.state, purse.balance) == ("posted", 80)
        entry = entry_of(decided)
        assert (entry.kind, entry.amount, entry.reason) == (
            "adjustment",
            -20,
            "correct a double bonus",
        )
        assert (entry.actor, entry.detail) == (checker, {"maker": maker.pk})

    def test_given_twice_posts_once(self) -> None:
        purse, checker = Purse("100"), staff("50")
        adjustment = proposal(purse)
        adjustments.approve(adjustment_id=adjustment.pk, checker=checker)

        with pytest.raises(adjustments.AlreadyDecided):
            adjustments.approve(adjustment_id=adjustment.pk, checker=checker)

        assert purse.balance == 80

    def test_of_more_than_the_wallet_has_is_refused_by_the_ledger(self) -> None:
        purse = Purse("10")
        adjustment = proposal(purse, "-20")

        decided = adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))

        assert (decided.state, purse.balance) == ("refused", 10)
        assert entry_of(decided).code == "insufficient_funds"


class TestAnAmountAboveTheLimit:
    def test_needs_a_second_approver(self) -> None:
        purse = Purse("100")
        adjustment = proposal(purse, "-60")

        first = adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))
        assert (first.state, purse.balance) == ("proposed", 100)

        second = adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))
        assert (second.state, purse.balance) == ("posted", 40)

    def test_cannot_be_approved_twice_by_one_person(self) -> None:
        purse, checker = Purse("100"), staff("50")
        adjustment = proposal(purse, "-60")
        adjustments.approve(adjustment_id=adjustment.pk, checker=checker)

        with pytest.raises(adjustments.AlreadyDecided):
            adjustments.approve(adjustment_id=adjustment.pk, checker=checker)

        assert purse.balance == 100

    @pytest.mark.parametrize("checker", [{}, {"limit": "500", "currency": "USD"}])
    def test_is_any_amount_without_a_limit_in_the_currency(self, checker: dict[str, str]) -> None:
        purse = Purse("100")
        adjustment = proposal(purse, "-1")

        decided = adjustments.approve(adjustment_id=adjustment.pk, checker=staff(**checker))  # type: ignore[arg-type]

        assert (decided.state, purse.balance) == ("proposed", 100)


class TestTheMaker:
    @pytest.mark.parametrize("superuser", [False, True])
    def test_decides_nothing_of_their_own(self, superuser: bool) -> None:
        purse = Purse("100")
        maker = staff("500", is_superuser=superuser)
        adjustment = proposal(purse, maker=maker)

        with pytest.raises(adjustments.OwnAdjustment):
            adjustments.approve(adjustment_id=adjustment.pk, checker=maker)
        with pytest.raises(adjustments.OwnAdjustment):
            adjustments.reject(adjustment_id=adjustment.pk, checker=maker, comment="")

        assert purse.balance == 100
        assert not adjustment.decisions.exists()

    def test_is_refused_by_the_database_too(self) -> None:
        adjustment = proposal(Purse("100"))

        with pytest.raises(IntegrityError, match="of their own"), transaction.atomic():
            AdjustmentDecision.objects.create(
                adjustment=adjustment, checker=adjustment.maker, approved=True
            )


class TestARejection:
    def test_is_final_and_kept_with_its_comment(self) -> None:
        purse, checker = Purse("100"), staff("50")
        adjustment = proposal(purse)

        adjustments.reject(adjustment_id=adjustment.pk, checker=checker, comment="no evidence")

        with pytest.raises(adjustments.AlreadyDecided):
            adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))
        adjustment.refresh_from_db()
        decision = adjustment.decisions.get()
        assert (adjustment.state, purse.balance) == ("rejected", 100)
        assert (decision.checker, decision.approved, decision.comment) == (
            checker,
            False,
            "no evidence",
        )

    def test_after_a_first_approval_stops_the_second(self) -> None:
        purse = Purse("100")
        adjustment = proposal(purse, "-60")
        adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))
        adjustments.reject(adjustment_id=adjustment.pk, checker=staff("50"), comment="no")

        with pytest.raises(adjustments.AlreadyDecided):
            adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))

        assert purse.balance == 100


def test_decisions_cannot_be_rewritten() -> None:
    adjustment = proposal(Purse("100"), "-60")
    adjustments.approve(adjustment_id=adjustment.pk, checker=staff("50"))

    with (
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE wallet_adjustmentdecision SET approved = false")
