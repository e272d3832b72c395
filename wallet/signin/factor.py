"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes.

Codes have six digits, change every 30 seconds and work once; one step early or late is accepted.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from wallet.models import SecondFactor, StaffLogin
from wallet.secrets import token_digest

DIGITS: Final = 6
STEP: Final = 30  # seconds
TOLERANCE: Final = 1  # steps
RECOVERY_CODES: Final = 10
_RECOVERY_BYTES: Final = 10  # 80 bits: too many to try, even by who has the digests


class NotPrepared(Exception):
    """There is no secret that waits for its first code."""


def prepare(*, user: User) -> SecondFactor:
    """The secret that waits for its first code; it stays the same until then."""
    factor, _made = SecondFactor.objects.get_or_create(
        user=user,
        defaults={"secret": base64.b32encode(secrets.token_bytes(20)).decode()},
    )
    return factor


def provisioning_uri(*, factor: SecondFactor, issuer: str) -> str:
    """What the QR code says to the authenticator app."""
    return _totp(factor).get_provisioning_uri(factor.user.get_username(), issuer)


def confirm(*, user: User, code: str) -> list[str] | None:
    """Switch the second factor on; its recovery codes, or None where the code is wrong.

    Raises NotPrepared.
    """
    with _locked(user) as factor:
        if factor is None or factor.confirmed_at is not None:
            raise NotPrepared
        if not _accept_code(factor, code):
            return None
        factor.confirmed_at = timezone.now()
        return _renew(factor)


def renew_recovery_codes(*, user: User) -> list[str]:
    """New recovery codes; the former ones end. Raises NotPrepared."""
    with _locked(user) as factor:
        if factor is None or factor.confirmed_at is None:
            raise NotPrepared
        return _renew(factor)


def accept(*, user: User, code: str) -> StaffLogin.Outcome | None:
    """Use up a code of the app or a recovery code: SUCCESS, RECOVERY, or None where it is wrong."""
    with _locked(user) as factor:
        if factor is None or factor.confirmed_at is None:
            return None
        if _accept_code(factor, code):
            return StaffLogin.Outcome.SUCCESS
        digest = _digest(code)
        if digest in factor.recovery:
            factor.recovery.remove(digest)
            factor.save(update_fields=["recovery"])
            return StaffLogin.Outcome.RECOVERY
        return None


def remove(*, user: User) -> bool:
    """Whether there was one. The next sign-in needs the password only, or a set-up anew."""
    deleted, _rows = SecondFactor.objects.filter(user=user).delete()
    return bool(deleted)


def is_on(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).exists()


def code_at(*, factor: SecondFactor, moment: float) -> str:
    """The code that the app shows at a Unix time."""
    return _totp(factor).generate(moment).decode()


def _totp(factor: SecondFactor) -> TOTP:
    return TOTP(base64.b32decode(factor.secret), DIGITS, SHA1(), STEP)  # noqa: S303  as apps expect


@contextmanager
def _locked(user: User) -> Iterator[SecondFactor | None]:
    """Two requests cannot use the same code."""
    with transaction.atomic():
        yield SecondFactor.objects.select_for_update().filter(user=user).first()


def _accept_code(factor: SecondFactor, code: str) -> bool:
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        return False
    now = int(time()) // STEP
    totp = _totp(factor)
    for step in range(max(now - TOLERANCE, factor.last_step + 1), now + TOLERANCE + 1):
        try:
            totp.verify(digits.encode(), step * STEP)
        except InvalidToken:
            continue
        factor.last_step = step
        factor.save(update_fields=["last_step"])
        return True
    return False


def _renew(factor: SecondFactor) -> list[str]:
    texts = [
        base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode()
        for _ in range(RECOVERY_CODES)
    ]
    factor.recovery = [_digest(text) for text in texts]
    factor.save(update_fields=["recovery", "confirmed_at"])
    return ["-".join(text[i : i + 4] for i in range(0, len(text), 4)) for text in texts]


def _digest(code: str) -> str:
    return token_digest("".join(code.replace("-", "").split()).upper()).hex()
