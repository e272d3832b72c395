"""The servers that the other tests stand on."""

import httpx
import pytest
from django.db import connections


class TestTheDatabaseOfTheTests:
    @pytest.mark.django_db
    def test_is_used_with_the_limited_role(self) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_user, current_setting('server_encoding')")
            assert cursor.fetchone() == ("backoffice_app", "UTF8")


class TestTheWebServer:
    def test_says_that_it_reaches_the_database(self, web_server: str) -> None:
        answer = httpx.get(f"{web_server}/healthz")

        assert (answer.status_code, answer.json()) == (200, {"database": "ok"})
