"""What of a message may be kept: everything but its secrets.

A password or token is replaced by a mark. So is a signature that covers one of them: whoever could
read it in the inbox could try passwords against it. Signatures of money messages are kept, because
they prove what eBET asked for.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from callbacks.parsing import write_json

MARK = "[redacted]"
MAX_KEPT = 64_000

_SECRET_NAMES = frozenset(
    ["password", "accesstoken", "sessiontoken", "token", "secret", "authorization", "privatekey"]
)
_SIGNATURE = "signature"


def redacted(document: Mapping[str, Any]) -> str:
    """The message as JSON text without its secrets, of at most MAX_KEPT characters."""
    names = _SECRET_NAMES
    if any(document.get(name) for name in ("password", "accessToken")):
        names = _SECRET_NAMES | {_SIGNATURE}
    text = write_json(_without(document, names))
    if len(text) <= MAX_KEPT:
        return text
    plain = {name: value for name, value in document.items() if not isinstance(value, dict | list)}
    return write_json({**_without(plain, names), "…": f"{len(text)} characters"})[:MAX_KEPT]


def unreadable(body: bytes) -> str:
    """What is kept of a body that is no JSON object: nothing that could be a secret."""
    return write_json({"unreadable": sha256(body).hexdigest(), "bytes": str(len(body))})


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            name: MARK if inner and name.lower() in names else _without(inner, names)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value
