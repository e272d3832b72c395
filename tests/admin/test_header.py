"""Time zone and language: chosen in the header, obeyed by every page."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.admin.world import World
from wallet.admin.display import moment


@pytest.fixture
def client_of(world: World) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


class TestTimeZone:
    def test_is_the_installations_until_another_is_chosen(
        self, world: World, client_of: Client
    ) -> None:
        page = reverse("admin:wallet_ledgerentry_change", args=[world.here.entry.pk])
        shanghai = client_of.get(page).content.decode()

        client_of.post(reverse("set_timezone"), {"timezone": "UTC", "next": "/admin/"})
        utc = client_of.get(page).content.decode()

        posted = world.here.entry.posted_at
        assert moment(posted) in shanghai
        assert f"{posted:%Y-%m-%d %H:%M:%S}" in utc

    def test_that_nobody_offers_is_ignored(self, client_of: Client) -> None:
        response = client_of.post(reverse("set_timezone"), {"timezone": "Mars/Olympus"})

        assert "timezone" not in response.cookies

    @pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", ""])
    def test_never_sends_anybody_elsewhere(self, client_of: Client, target: str) -> None:
        response = client_of.post(reverse("set_timezone"), {"timezone": "UTC", "next": target})

        assert response.headers["Location"] == "/admin/"


class TestHome:
    def test_speaks_the_readers_language(self, client_of: Client) -> None:
        client_of.cookies["django_language"] = "zh-hans"

        page = client_of.get(reverse("admin:index")).content.decode()

        assert "需要处理" in page

    def test_counts_what_waits_within_scope_only(self, world: World) -> None:
        client = Client()
        client.force_login(world.roles["Finance"])

        alerts = client.get(reverse("admin:index")).context["alerts"]

        assert {str(alert.text): alert.count for alert in alerts} == {
            "Adjustments waiting for you": 1,
            "Callbacks that wait for a person": 1,
            "Jobs that wait for a person": 1,
        }

    def test_shows_no_other_channels_figures(self, world: World) -> None:
        client = Client()
        client.force_login(world.roles["Finance"])

        page = client.get(reverse("admin:index")).content.decode()

        assert "Channel 7001" in page
        assert "Channel 7002" not in page
