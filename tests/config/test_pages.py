"""What comes with every page, and what callbacks are spared."""

import pytest
from django.test import Client


class TestAPage:
    @pytest.mark.django_db
    def test_may_not_be_framed_nor_load_anything_foreign(self, client: Client) -> None:
        headers = client.get("/admin/login/").headers

        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"

    @pytest.mark.django_db
    @pytest.mark.parametrize(
        ("wanted", "title"), [("en", "Wallet back-office"), ("zh-Hans", "钱包后台")]
    )
    def test_speaks_the_language_that_the_browser_asks_for(
        self, client: Client, wanted: str, title: str
    ) -> None:
        page = client.get("/admin/login/", headers={"Accept-Language": wanted})

        assert title in page.content.decode()

    @pytest.mark.django_db
    def test_that_posts_a_form_needs_its_token(self) -> None:
        answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "x"})

        assert answer.status_code == 403


class TestTheAnswerToAMachine:
    @pytest.mark.django_db
    def test_carries_nothing_that_only_pages_need(self, client: Client) -> None:
        answer = client.get("/healthz")

        assert answer.json() == {"database": "ok"}
        assert not {"Content-Security-Policy", "Vary", "Content-Language"} & set(answer.headers)
        assert not answer.cookies
