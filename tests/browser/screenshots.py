"""Pictures of a fresh demo, in both languages, both themes, at the desk and on the phone.

``make screenshots`` puts all of them into var/screenshots, and those that the README shows into
tests/browser/screenshots.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from config.processes import free_port
from tests.browser.flags import FLAGS, PHONE

ROOT = Path(__file__).parents[2]
ALL = ROOT / "var" / "screenshots"
SHOWN = Path(__file__).parent / "screenshots"
IN_README = {"home-en-desk-light", "player-en-desk-light", "round-zh-hans-desk-dark"}

PLAYER = "chenjie7"
DESK = (1440, 900)


@contextmanager
def demo() -> Iterator[tuple[str, str, str]]:
    """A demo of its own, while the block lasts: its address, username and password."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        environment = {**os.environ, "VAR_DIR": folder, "PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            for line in process.stdout or ():
                if found := re.search(r"Sign in\s+(\S+) / (\S+)", line):
                    yield f"http://127.0.0.1:{port}", found[1], found[2]
                    return
            raise SystemExit("The demo did not start.")
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    ALL.mkdir(parents=True, exist_ok=True)
    SHOWN.mkdir(exist_ok=True)
    with demo() as (url, username, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=FLAGS,
        )
        for language in ("en", "zh-hans"):
            for width, size in (("desk", DESK), ("phone", PHONE)):
                for theme in ("light", "dark"):
                    page = _sign_in(browser, url, username, password, language, size, theme)
                    for name, address in _pages(page):
                        _picture(page, address, f"{name}-{language}-{width}-{theme}")
                    page.context.close()
        browser.close()


def _sign_in(
    browser: Browser,
    url: str,
    username: str,
    password: str,
    language: str,
    size: tuple[int, int],
    theme: Any,
) -> Page:
    context = browser.new_context(
        base_url=url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=theme,
        locale=language,
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": url}])
    page = context.new_page()
    page.goto("/admin/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("#login-form button[type=submit]")
    page.wait_for_url("**/admin/")
    return page


def _pages(page: Page) -> list[tuple[str, str]]:
    """What the pictures show, by the addresses that this demo gave them."""
    player = _first(page, f"/admin/wallet/player/?q={PLAYER}")
    return [
        ("home", "/admin/"),
        ("players", "/admin/wallet/player/"),
        ("player", f"{player}?tab=ledger"),
        ("round", _first(page, "/admin/wallet/round/")),
        ("ledger", "/admin/wallet/ledgerentry/"),
        ("reports", "/admin/wallet/reportline/daily/"),
        ("tree", "/admin/wallet/agent/tree/?channel=20"),
    ]


def _first(page: Page, address: str) -> str:
    """The page of a list's first row."""
    page.goto(address)
    link = page.locator("#result_list a[href*='/change/']").first.get_attribute("href") or ""
    return link.partition("?")[0]


def _picture(page: Page, address: str, name: str) -> None:
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(700)  # charts draw themselves
    target = ALL / f"{name}.png"
    page.screenshot(path=target)
    if name in IN_README:
        # 256 colours are enough for a page, and a quarter of the size.
        Image.open(target).convert("RGB").quantize(256).save(SHOWN / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
