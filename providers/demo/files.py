"""What the demo keeps below ``VAR_DIR/demo``: keys, sign-ins, and the file that it provisions."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

PRIVATE_KEY: Final = "ebet.pem"
PUBLIC_KEY: Final = "ebet.pub.pem"
DOCUMENT: Final = "provision.json"
STAFF: Final = "staff.json"
# Username and role; the first is the superuser.
SIGN_INS: Final = {
    "admin": None,
    "operations": "Operations",
    "finance": "Finance",
    "risk": "Risk",
    "auditor": "Auditor",
    "administrator": "Administrator",
}
KEY_BITS: Final = 1024  # what eBET issues


def ensure_keys(directory: Path) -> bool:
    """Generate eBET's key pair unless it is there; whether it was."""
    private, public = directory / PRIVATE_KEY, directory / PUBLIC_KEY
    if private.exists() and public.exists():
        return True
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    _write(private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(
        public,
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        mode=0o644,
    )
    return False


def ensure_passwords(directory: Path) -> dict[str, str]:
    """The staff's passwords by username, generated once."""
    path = directory / STAFF
    try:
        known: dict[str, str] = json.loads(path.read_text())
    except (OSError, ValueError):
        known = {}
    if known.keys() != SIGN_INS.keys():
        known = {name: secrets.token_urlsafe(9) for name in SIGN_INS}
        _write(path, json.dumps(known, indent=2).encode())
    return known


def write_document(directory: Path, content: dict[str, Any]) -> Path:
    """The provisioning file as it is to be, under a name of its own until it is carried out."""
    path = directory / f"new-{DOCUMENT}"
    _write(path, json.dumps(content, ensure_ascii=False, indent=1).encode())
    return path


def keep_document(path: Path) -> None:
    """It is carried out: from now on it is the demo's file."""
    path.replace(path.with_name(DOCUMENT))


def is_finished(directory: Path) -> bool:
    """Whether an earlier run came to its end."""
    return (directory / DOCUMENT).exists()


def forget_document(directory: Path) -> None:
    """The database that it was carried out in is gone."""
    (directory / DOCUMENT).unlink(missing_ok=True)


def same_document(directory: Path, content: dict[str, Any]) -> bool:
    """Whether the last run wrote the same provisioning file."""
    try:
        return bool(json.loads((directory / DOCUMENT).read_text()) == content)
    except (OSError, ValueError):
        return False


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Whole or not at all, and never readable by others on the way."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    unfinished.replace(path)
