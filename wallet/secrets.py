"""Secrets at rest: encrypted columns, digests of bearer tokens, derived tokens."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class SecretUnreadable(Exception):
    """No key of FIELD_ENCRYPTION_KEYS opens this stored secret."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _cipher() -> MultiFernet:
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(plain: str) -> str:
    return _cipher().encrypt(plain.encode()).decode()


def decrypt(stored: str) -> str:
    """Raises SecretUnreadable when the key that encrypted it is no longer configured."""
    try:
        return _cipher().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable(
            "A stored secret cannot be decrypted: add the key that encrypted it to "
            "FIELD_ENCRYPTION_KEYS, or enter the secret again."
        ) from error


def rotate(stored: str) -> str:
    """The same secret under the first configured key."""
    return _cipher().rotate(stored.encode()).decode()


class EncryptedTextField(_TextField):
    """A text column whose content the database, its backups and its logs never see in clear."""

    def from_db_value(
        self, value: str | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> str | None:
        return value if not value else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if not value else encrypt(value)


def token_digest(token: str) -> bytes:
    """What is stored of a bearer token: enough to recognise it, too little to use it."""
    return hashlib.sha256(token.encode()).digest()


def derive_token(*parts: object) -> str:
    """A token of 40 hex characters that the same parts always give.

    Only digests are stored, yet a repeated login has to be answered with the token of the first
    one; deriving it from the request's key makes it known again without keeping it.
    """
    text = "\x1f".join(str(part) for part in parts).encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).hexdigest()[:40]
