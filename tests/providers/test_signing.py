"""Signatures of eBET messages."""

import base64

import pytest

from providers.ebet.signing import BadKey, is_pair, key_bits, sign, verify, verify_any
from tests.providers.keys import key_pair, weak_key_pair

TEXT = "b-1increaseCredit-11760000001040lily08-80"


class TestASignature:
    @pytest.mark.parametrize(("pair", "length"), [(key_pair(1024), 172), (weak_key_pair(), 88)])
    def test_of_our_own_is_accepted_in_both_key_sizes(
        self, pair: tuple[str, str], length: int
    ) -> None:
        public, private = pair
        signature = sign(private, TEXT)
        assert len(signature) == length
        assert verify(public, TEXT, signature)

    def test_covers_utf8(self) -> None:
        public, private = key_pair()
        assert verify(public, "玩家01", sign(private, "玩家01"))

    def test_is_that_of_openssl(self) -> None:
        """RSASSA-PKCS1-v1_5 is deterministic: the padded MD5 digest raised to the key."""
        public, private = weak_key_pair()
        digest_info = bytes.fromhex("3020300c06082a864886f70d020505000410")
        md5_of_text = bytes.fromhex("9e107d9d372bb6826bd81d3542a419d6")
        padded = b"\x00\x01" + b"\xff" * (64 - 3 - 34) + b"\x00" + digest_info + md5_of_text
        signature = base64.b64decode(sign(private, "The quick brown fox jumps over the lazy dog"))
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        key = load_pem_public_key(public.encode())
        assert isinstance(key, RSAPublicKey)
        numbers = key.public_numbers()
        opened = pow(int.from_bytes(signature, "big"), numbers.e, numbers.n)
        assert opened.to_bytes(64, "big") == padded

    @pytest.mark.parametrize("text", [TEXT + "0", TEXT[1:], "", TEXT.upper()])
    def test_of_another_text_is_refused(self, text: str) -> None:
        public, private = key_pair()
        assert not verify(public, text, sign(private, TEXT))

    def test_of_another_key_is_refused(self) -> None:
        public, _ = key_pair()
        _, private = key_pair()
        assert not verify(public, TEXT, sign(private, TEXT))

    @pytest.mark.parametrize(
        "rubbish", ["", " ", "AAAA", "!!!!", "é", "\ud800", "A" * 172, "A" * 10_000, "AA=A"]
    )
    def test_of_rubbish_is_refused_without_raising(self, rubbish: str) -> None:
        public, _ = key_pair()
        assert not verify(public, TEXT, rubbish)

    def test_with_line_breaks_inside_is_refused(self) -> None:
        public, private = key_pair()
        signature = sign(private, TEXT)
        assert not verify(public, TEXT, f"{signature[:76]}\n{signature[76:]}")

    @pytest.mark.parametrize("key", ["", "not a key", weak_key_pair()[1]])
    def test_under_a_broken_key_is_refused_without_raising(self, key: str) -> None:
        assert not verify(key, TEXT, "AAAA")

    def test_of_text_without_utf8_form_is_refused(self) -> None:
        public, _ = key_pair()
        assert not verify(public, "\ud800", "AAAA")


class TestSeveralCandidates:
    def test_name_the_key_that_signed(self) -> None:
        retired, _ = key_pair()
        active, private = key_pair()
        signature = sign(private, "1637308132650")
        texts = ["1637308132650.0", "1637308132650"]
        assert verify_any([retired, active], texts, signature) == active

    def test_name_none_when_none_signed(self) -> None:
        public, _ = key_pair()
        assert verify_any([public], [TEXT], "AAAA") is None
        assert verify_any([], [TEXT], "AAAA") is None


class TestKeys:
    def test_tell_their_size(self) -> None:
        assert key_bits(weak_key_pair()[0]) == 512
        assert key_bits(key_pair(2048)[0]) == 2048

    def test_know_their_other_half(self) -> None:
        public, private = key_pair()
        assert is_pair(public, private)
        assert not is_pair(key_pair()[0], private)

    @pytest.mark.parametrize("pem", ["", "-----BEGIN PUBLIC KEY-----", key_pair()[1]])
    def test_that_are_none_are_named(self, pem: str) -> None:
        with pytest.raises(BadKey):
            key_bits(pem)

    def test_that_cannot_sign_are_named(self) -> None:
        with pytest.raises(BadKey):
            sign(key_pair()[0], TEXT)
