"""Key pairs made for the tests."""

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

# Two primes of 256 bits: the library loads a 512-bit key but refuses to generate one.
P = 0xE1B8E4F1C27B3A5D9F06C47D12E8A390B57F6C2D4E8391A06B7C5D2E1F4A8C19
Q = 0xF90F1D6E5A4B37829160FEDCBA98765432100F1E2D3C4B5A69788796A5B4C363


def pems(key: rsa.RSAPrivateKey) -> tuple[str, str]:
    """Public and private PEM."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), private


def key_pair(bits: int = 1024) -> tuple[str, str]:
    return pems(rsa.generate_private_key(public_exponent=65537, key_size=bits))


def weak_key_pair() -> tuple[str, str]:
    """A pair of 512 bits, the smallest that eBET still hands out."""
    exponent = 65537
    d = rsa.rsa_recover_private_exponent(exponent, P, Q)
    public = rsa.RSAPublicNumbers(exponent, P * Q)
    numbers = rsa.RSAPrivateNumbers(
        p=P,
        q=Q,
        d=d,
        dmp1=rsa.rsa_crt_dmp1(d, P),
        dmq1=rsa.rsa_crt_dmq1(d, Q),
        iqmp=rsa.rsa_crt_iqmp(P, Q),
        public_numbers=public,
    )
    return pems(numbers.private_key())
