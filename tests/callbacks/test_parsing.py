"""Reading JSON without changing a character of its numbers."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.authentication import signed_texts
from callbacks.detail import Detail
from callbacks.members import Members
from callbacks.money import write_money
from callbacks.parsing import MAX_DEPTH, Ambiguous, Malformed, Number, parse_object, write_json
from wallet.network import is_in, parse_address, parse_network

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


class TestNumbers:
    @pytest.mark.parametrize(
        "token",
        ["-80", "0", "2.4", "2.40", "-0.0", "1637308132650.0", "1e2", "1E+2", "12345678901"],
    )
    def test_keep_their_token(self, token: str) -> None:
        document = parse_object(f'{{"x": [{token}]}}'.encode())

        assert document == {"x": [Number(token)]}
        assert write_json(document) == f'{{"x":[{token}]}}'

    @pytest.mark.parametrize(
        ("token", "integral"),
        [
            ("7", "7"),
            ("-1", "-1"),
            ("7.0", "7"),
            ("1637308132650.000", "1637308132650"),
            ("7.5", None),
            ("7e0", None),
        ],
    )
    def test_are_whole_without_a_fraction_of_zeros(self, token: str, integral: str | None) -> None:
        assert Number(token).integral == integral

    @pytest.mark.parametrize("token", ["9" * 41, "1e41", "1e-41", "1e999999999"])
    def test_are_no_longer_than_anybody_needs(self, token: str) -> None:
        with pytest.raises(Ambiguous):
            parse_object(f'{{"x":{token}}}'.encode())


class TestObjects:
    def test_may_nest_as_deep_as_messages_do(self) -> None:
        inner = MAX_DEPTH - 2
        parse_object(b'{"x":' + b"[" * inner + b"]" * inner + b"}")

        with pytest.raises(Malformed):
            parse_object(b'{"x":' + b"[" * (inner + 2) + b"]" * (inner + 2) + b"}")

    @given(JSON)
    def test_survive_reading_and_writing(self, value: Any) -> None:
        body = json.dumps({"x": value}).encode()

        assert json.loads(write_json(parse_object(body))) == {"x": value}

    @given(st.binary(max_size=200))
    def test_nothing_else_is_read(self, body: bytes) -> None:
        try:
            document = parse_object(body)
        except Malformed:
            return
        assert isinstance(document, dict)


class TestMoney:
    @pytest.mark.parametrize(
        ("amount", "token"),
        [
            ("1000.01", "1000.01"),
            ("0", "0.00"),
            ("1234567.8900", "1234567.89"),
            ("10.0099", "10.00"),
            ("-60", "-60.00"),
            ("-0.001", "-0.01"),
            ("123456789012345.6700", "123456789012345.67"),
        ],
    )
    def test_is_written_with_two_decimals_rounded_down(self, amount: str, token: str) -> None:
        assert write_money(Decimal(amount)) == Number(token)


class TestSignedText:
    def test_takes_strings_and_tokens_as_they_came(self) -> None:
        document = parse_object(b'{"seqNo":"s","money":-2.40,"channelId":-1,"x":null,"y":""}')

        assert list(signed_texts(document, "seqNo+channelId+money+x+y+z")) == ["s-1-2.40"]

    def test_tries_a_whole_timestamp_second(self) -> None:
        document = parse_object(b'{"timestamp":1637308132650.0,"money":2.0}')

        assert list(signed_texts(document, "timestamp+money")) == [
            "1637308132650.02.0",
            "16373081326502.0",
        ]


class TestDetail:
    def read(self, **detail: Any) -> Detail:
        return Detail.read(Members(parse_object(json.dumps({"detail": detail}).encode())))

    def test_finds_stakes_failed_ones_and_holds(self) -> None:
        detail = self.read(
            roundCode="R",
            tableType=5,
            betList=[{"seqNo": "a", "betMoney": 0}, {"seqNo": "b", "betMoney": 80}],
            modifyBetList=[{"seqNo": "b", "betMoney": 80}, {"seqNo": "c", "betMoney": "0.00"}],
            withHoldingList=[{"seqNo": "h1"}, {"seqNo": "h1"}],
            withholdingSeqNo="h2",
        )

        assert (detail.round_code, detail.table_type) == ("R", 5)
        assert detail.stakes == ("a", "b", "c")
        assert detail.failed == ("a", "c")
        assert detail.holds == ("h2", "h1")

    @pytest.mark.parametrize("table_type", [None, "x", 1.5, [], "９", "9" * 5000])
    def test_passes_over_what_is_no_table_type(self, table_type: Any) -> None:
        assert self.read(tableType=table_type).table_type in (None, 9)

    def test_a_round_may_be_a_number(self) -> None:
        assert self.read(roundCode=5).round_code == "5"


class TestNetworks:
    def test_ipv4_in_ipv6_is_ipv4(self) -> None:
        assert is_in(parse_address("::ffff:203.0.113.10"), [parse_network("203.0.113.0/24")])

    def test_nobody_is_in_no_network(self) -> None:
        assert not is_in(parse_address("127.0.0.1"), [])
        assert not is_in(None, [parse_network("0.0.0.0/0")])
        assert not is_in(parse_address("::1"), [parse_network("0.0.0.0/0")])
