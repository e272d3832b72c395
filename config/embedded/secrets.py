"""Keys of the demo: generated once, kept in ``VAR_DIR``, readable by their owner only."""

import json
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet


def generated_secrets(path: Path) -> dict[str, str]:
    """Return the keys kept at ``path``; make them first if need be."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _keep(
            path,
            {
                "SECRET_KEY": secrets.token_urlsafe(50),
                "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            },
        )
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def _keep(path: Path, keys: dict[str, str]) -> None:
    """Write the file whole or not at all; the first of several processes wins."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".secrets-")
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file, indent=2)
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
