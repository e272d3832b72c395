"""Guessing from many connections at once is counted like guessing one after the other."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import RequestFactory

from tests.wallet.money import unique
from tests.wallet.parallel import together
from wallet.models import StaffLogin
from wallet.signin import attempts


class TestGuessesAtTheSameMoment:
    def test_are_not_judged_beyond_the_limit(self, committed_db: None) -> None:
        username = unique("lily")
        User.objects.create_user(username, password="correct horse battery", is_staff=True)

        def guess() -> bool:
            request = RequestFactory(REMOTE_ADDR="203.0.113.77").post("/admin/login/")
            try:
                attempts.check_password(request=request, username=username, password="a guess")
            except attempts.NotSignedIn:
                return False
            return True

        answers = together([guess] * 12)

        assert not any(answers)
        outcomes = [row.outcome for row in StaffLogin.objects.filter(username=username)]
        assert sorted(outcomes) == ["locked"] + ["wrong_password"] * 5
