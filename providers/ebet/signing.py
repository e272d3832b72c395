"""Signatures of eBET messages: RSASSA-PKCS1-v1_5 over MD5, base64.

MD5 and the 512-bit keys still in use are weak; they are eBET's protocol, not our
choice. Callers must therefore never let a signature be the only defence.
"""

import base64
import binascii
from collections.abc import Iterable
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import MD5
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

WEAK_BELOW_BITS = 1024
"""Key sizes under this can be factored with modest means; the admin warns."""

_CACHED_KEYS = 1024
_DIGEST = MD5()  # noqa: S303  the protocol's choice


class BadKey(ValueError):
    """The text is no PEM of an RSA key of the expected half."""


@lru_cache(maxsize=_CACHED_KEYS)
def _public_key(public_pem: str) -> rsa.RSAPublicKey:
    try:
        key = load_pem_public_key(public_pem.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not a PEM public key") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadKey("not an RSA public key")
    return key


@lru_cache(maxsize=_CACHED_KEYS)
def _private_key(private_pem: str) -> rsa.RSAPrivateKey:
    try:
        key = load_pem_private_key(private_pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey("not an unencrypted PEM private key") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadKey("not an RSA private key")
    return key


def key_bits(public_pem: str) -> int:
    """Size of the modulus in bits. Raises BadKey."""
    return _public_key(public_pem).key_size


def is_pair(public_pem: str, private_pem: str) -> bool:
    """Whether both halves belong together. Raises BadKey."""
    own = _private_key(private_pem).public_key().public_numbers()
    return own == _public_key(public_pem).public_numbers()


def sign(private_pem: str, text: str) -> str:
    """Sign `text` (UTF-8) and return padded base64. Raises BadKey."""
    signature = _private_key(private_pem).sign(text.encode(), padding.PKCS1v15(), _DIGEST)
    return base64.b64encode(signature).decode("ascii")


def verify(public_pem: str, text: str, signature_b64: str) -> bool:
    """Whether `signature_b64` is this key's signature of `text`.

    Rubbish of any kind (a broken key, bad base64, text that has no UTF-8 form)
    is an answer, not an exception: the caller refuses the message.
    """
    try:
        signature = base64.b64decode(signature_b64.encode("ascii"), validate=True)
        _public_key(public_pem).verify(signature, text.encode(), padding.PKCS1v15(), _DIGEST)
    except (BadKey, InvalidSignature, UnicodeEncodeError, binascii.Error):
        return False
    return True


def verify_any(public_pems: Iterable[str], texts: Iterable[str], signature_b64: str) -> str | None:
    """The first of `public_pems` that signed any of `texts`, or None.

    Several keys while a channel rotates them; several texts where a number may
    have been signed in more than one spelling.
    """
    candidates = tuple(texts)
    for public_pem in public_pems:
        if any(verify(public_pem, text, signature_b64) for text in candidates):
            return public_pem
    return None
