"""eBET's RSA key pairs, as they come in PEM files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from django.utils.translation import gettext as _


class BadKey(ValueError):
    """The text is no RSA key in PEM, or the two halves are not one pair."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A checked pair; ``private_pem`` is empty where only messages of eBET are to be checked."""

    public_pem: str
    private_pem: str
    bits: int
    fingerprint: str


def key_pair(*, public_pem: str, private_pem: str = "") -> KeyPair:
    """Raises BadKey."""
    public = _public_key(public_pem)
    if private_pem and _private_key(private_pem).public_key() != public:
        raise BadKey(_("The private key belongs to another public key."))
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return KeyPair(public_pem, private_pem, public.key_size, hashlib.sha256(der).hexdigest())


def _public_key(pem: str) -> RSAPublicKey:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(_("This is no public key in PEM.")) from error
    if not isinstance(key, RSAPublicKey):
        raise BadKey(_("This is no RSA key."))
    return key


def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKey(_("This is no private key in PEM without a passphrase.")) from error
    if not isinstance(key, RSAPrivateKey):
        raise BadKey(_("This is no RSA key."))
    return key
