"""A secret is masked however a server writes it, and no text makes that slow."""

import html
import json
from urllib.parse import quote, quote_plus

import pytest

from providers.masking import Mask

SECRETS = ['a"b c\\\\d中x', 'pa ss"wö\\rd', "\\" * 24 + "x"]


def _twice(secret: str, *, ascii_only: bool) -> str:
    once = json.dumps(secret, ensure_ascii=ascii_only)
    return json.dumps(once, ensure_ascii=ascii_only)


@pytest.mark.parametrize("secret", SECRETS)
class TestASecret:
    def test_is_masked_in_every_spelling(self, secret: str) -> None:
        mask = Mask(frozenset({secret}))

        for spelt in (
            secret,
            json.dumps(secret),
            json.dumps(secret, ensure_ascii=False),
            _twice(secret, ascii_only=True),
            _twice(secret, ascii_only=False),
            quote(secret, safe=""),
            quote_plus(secret),
            html.escape(secret),
        ):
            assert "***" in mask(f"before {spelt} after"), spelt


class TestATextThatIsNearlyASecret:
    @pytest.mark.timeout(5)
    def test_is_read_in_one_go(self) -> None:
        text = "\\" * 5000 + "y"

        assert Mask(frozenset({"\\" * 24 + "x"}))(text) == text


class TestAMemberInsideAString:
    def test_is_masked_as_well(self) -> None:
        kept = Mask().kept(r'{"body": "{\"Url\":\"https://launch/1\"}"}')

        assert "launch" not in kept
