"""Settings that would break the outbox's promises."""

import pytest
from pytest_django import Settings

from providers.checks import check_time_limits


class TestTimeLimits:
    def test_of_the_product_are_in_order(self) -> None:
        assert check_time_limits() == []

    @pytest.mark.parametrize(
        ("name", "value", "problem"),
        [
            ("CELERY_TASK_TIME_LIMIT", 90, "providers.E001"),
            ("CELERY_TASK_TIME_LIMIT", None, "providers.E001"),
            ("CELERY_TASK_SOFT_TIME_LIMIT", 29, "providers.E002"),
        ],
    )
    def test_that_let_two_workers_meet_are_an_error(
        self, settings: Settings, name: str, value: int | None, problem: str
    ) -> None:
        setattr(settings, name, value)
        assert [message.id for message in check_time_limits()] == [problem]
