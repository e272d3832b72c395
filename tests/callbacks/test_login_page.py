"""GET and POST /login/<channelId>/, in front of a simulated eBET."""

import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest

from providers.ebet.signing import verify
from providers.simulators.ebet import Ebet
from tests.callbacks.world import World, keys
from wallet.models import AccessToken, Channel, LoginEvent, Player


@dataclass
class Browser:
    """Cookies, forms and nothing else."""

    address: str

    def __post_init__(self) -> None:
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)
        self.html = ""

    def get(self, query: str = "", language: str = "en") -> str:
        request = urllib.request.Request(
            self.address + query, headers={"Accept-Language": language}
        )
        with self._opener.open(request, timeout=20) as response:
            self.headers = response.headers
            self.html = response.read().decode()
        return self.html

    def submit(self, **fields: str) -> str:
        """Fill the shown form in and send it, with its hidden fields."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', self.html))
        body = urllib.parse.urlencode(hidden | fields).encode()
        with self._opener.open(self.address, body, timeout=20) as response:
            self.html = response.read().decode()
        return self.html

    def sign_in(self, username: str = "lily08", password: str = "pw-lily") -> str:
        self.get()
        return self.submit(username=username, password=password)


@pytest.fixture
def browser(world: World, ebet: Ebet) -> Browser:
    return Browser(f"{world.url}/login/{world.channel.pk}/")


def calls(ebet: Ebet) -> list[dict[str, object]]:
    return [json.loads(seen.body) for seen in list(ebet.requests) if seen.path == "/callback"]


def tokens(world: World) -> int:
    return AccessToken.objects.filter(player=world.players["lily08"], fixed=False).count()


class TestSignIn:
    def test_c08_tells_ebet_and_closes_the_page(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        with world.nothing_moves():
            html = browser.sign_in()

        assert "closeOauthLogin" in html
        assert "AndroidBridge" in html
        (message,) = calls(ebet)
        assert set(message) == {"username", "channelId", "timestamp", "accessToken", "signature"}
        assert message["username"] == "lily08"
        assert message["channelId"] == world.channel.pk
        text = f"lily08{world.channel.pk}{message['accessToken']}{message['timestamp']}"
        assert verify(keys()["K1"][0], text, str(message["signature"]))
        assert tokens(world) == 1

    def test_c08_the_token_logs_the_player_in(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        browser.sign_in()
        token = calls(ebet)[0]["accessToken"]

        assert world.send(world.message("login_token", accessToken=token)).status == 200

    def test_ebets_number_of_the_player_is_kept(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        browser.sign_in()

        player = Player.objects.get(pk=world.players["lily08"].pk)
        assert player.ebet_user_id is not None
        assert player.last_login_at is not None

    def test_upper_case_and_spaces_in_the_name_do_not_matter(
        self, world: World, browser: Browser
    ) -> None:
        assert "closeOauthLogin" in browser.sign_in(" Lily08 ")

    def test_it_needs_the_forms_own_cookie(self, browser: Browser) -> None:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            browser.submit(username="lily08", password="pw-lily")


class TestEbetThatSaysNo:
    def test_c09_the_player_is_not_signed_in_and_may_try_again(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        ebet.rules["keys"] = {str(world.channel.pk): keys()["K9"][0]}

        html = browser.sign_in()

        assert "closeOauthLogin" not in html
        assert "Try again" in html
        assert Player.objects.get(pk=world.players["lily08"].pk).ebet_user_id is None

    def test_c09_trying_again_sends_a_new_message(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        ebet.rules["keys"] = {str(world.channel.pk): keys()["K9"][0]}
        browser.sign_in()
        ebet.rules["keys"] = {str(world.channel.pk): keys()["K1"][0]}

        html = browser.submit()

        assert "closeOauthLogin" in html
        first, second = calls(ebet)
        assert first["accessToken"] != second["accessToken"]

    def test_c09_nobody_there_is_a_failure_too(self, world: World, browser: Browser) -> None:
        world.switch(ebet_api_url="http://127.0.0.1:9")

        assert "Try again" in browser.sign_in()

    def test_the_ticket_of_another_is_worth_nothing(self, browser: Browser) -> None:
        browser.get()

        html = browser.submit(ticket="5:forged:ticket")

        assert "Please sign in again." in html


class TestRefusedSignIn:
    @pytest.mark.parametrize(
        ("username", "password"),
        [
            ("lily08", "pw-lil"),
            ("ghost99", "pw-lily"),
            ("otto11", "pw-otto"),
            ("mona09", "pw-mona"),
        ],
    )
    def test_a_wrong_name_or_password_is_not_told_apart(
        self, world: World, ebet: Ebet, browser: Browser, username: str, password: str
    ) -> None:
        html = browser.sign_in(username, password)

        assert "The username or the password is wrong." in html
        assert f'value="{username}"' in html
        assert password not in html
        assert calls(ebet) == []

    def test_a_locked_player_is_told_after_the_right_password(
        self, world: World, ebet: Ebet, browser: Browser
    ) -> None:
        Player.objects.filter(pk=world.players["lily08"].pk).update(status="locked")

        assert "This account cannot sign in." in browser.sign_in()
        assert calls(ebet) == []

    def test_guessing_closes_the_door(self, world: World, browser: Browser) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(
                channel=world.channel,
                player=world.players["lily08"],
                username="lily08",
                outcome=LoginEvent.Outcome.WRONG_PASSWORD,
            )
            for _ in range(10)
        )

        assert "Too many attempts." in browser.sign_in()

    def test_guessing_from_one_address_closes_the_door(
        self, world: World, browser: Browser
    ) -> None:
        LoginEvent.objects.bulk_create(
            LoginEvent(
                channel=world.channel,
                username=f"u{number}",
                outcome=LoginEvent.Outcome.WRONG_PASSWORD,
                address="127.0.0.1",
            )
            for number in range(50)
        )

        assert "Too many attempts." in browser.sign_in()


class TestPage:
    def test_speaks_chinese_where_the_reader_does(self, browser: Browser) -> None:
        assert "登录" in browser.get(language="zh-CN")
        assert "Sign in" in browser.get(language="en")

    def test_the_reader_may_choose_the_language(self, browser: Browser) -> None:
        assert '<html lang="zh-hans">' in browser.get("?language=zh-hans")
        assert '<html lang="en">' in browser.get("?language=en", language="zh-CN")

    def test_only_the_channels_game_may_frame_it(self, browser: Browser) -> None:
        browser.get()

        policy = browser.headers["Content-Security-Policy"]
        assert "frame-ancestors 'self' https://games.example" in policy
        assert "X-Frame-Options" not in browser.headers

    def test_asks_for_nothing_from_elsewhere(self, browser: Browser) -> None:
        html = browser.get()

        assert not re.search(r"(src|href)=\"(https?:)?//", html)
        assert "url(" not in html

    @pytest.mark.parametrize("switch", [{"ebet_api_url": ""}, {"status": Channel.Status.CLOSED}])
    def test_is_not_there_for_a_channel_that_cannot_use_it(
        self, world: World, browser: Browser, switch: dict[str, str]
    ) -> None:
        world.switch(**switch)

        with pytest.raises(urllib.error.HTTPError, match="404"):
            browser.get()
