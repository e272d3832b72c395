"""What may be kept of an exchange: all of it but the secrets that it carried.

Secrets are found twice over: by the names of the members that hold them, and by their values,
as a server that breaks quotes in its answer what it was sent.
"""

import base64
import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from urllib.parse import quote, quote_plus

KEPT_CHARACTERS: Final = 4_000
MASK: Final = "***"
_SHORTEST: Final = 4
"""Characters: to mask anything shorter would leave no text readable."""

_SECRET_MEMBER: Final = re.compile(
    r'(\\*"(?:password|secret_?key|signature|access_?token|session_?token|url|launch_?url)'
    r'\\*"\s*:\s*)\\*"((?:[^"\\]|\\.)*)"?',
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mask:
    """Blanks what one request carried in secret, however an answer spells it."""

    secrets: frozenset[str] = field(default=frozenset(), repr=False)

    @classmethod
    def of(cls, *, body: str, headers: Mapping[str, str]) -> "Mask":
        """For a request: the secret members of its body, and its Basic credentials."""
        found = {_unescaped(match[2]) for match in _SECRET_MEMBER.finditer(body)}
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            found |= {token, base64.b64decode(token).decode().partition(":")[2]}
        return cls(frozenset(secret for secret in found if len(secret) >= _SHORTEST))

    def __call__(self, text: str) -> str:
        """`text` without the secrets, fit for PostgreSQL."""
        for secret in self.secrets:
            text = _spellings(secret).sub(MASK, text)
        return text.replace("\x00", "\ufffd")

    def kept(self, text: str) -> str:
        """`text` without secrets of any request, cut to what is kept."""
        return _SECRET_MEMBER.sub(rf'\1"{MASK}"', self(text))[:KEPT_CHARACTERS]


def _unescaped(text: str) -> str:
    return str(json.loads(f'"{text}"'))


@lru_cache(maxsize=256)
def _spellings(secret: str) -> re.Pattern[str]:
    """Matches the secret as it is and as JSON, even inside JSON, HTML and addresses write it."""
    return re.compile("".join(map(_spelling, re.findall(r"\\+|[^\\]", secret, re.DOTALL))))


def _spelling(text: str) -> str:
    """Of one character, or of a run of backslashes."""
    if text.startswith("\\"):
        # Possessive: each may stand for up to four, which a server must not make us try out.
        return rf"(?:\\|%5[Cc]|&\#92;|&\#x5[Cc];){{{len(text)},{4 * len(text)}}}+"
    if text.isascii() and text.isalnum():
        return text
    code = ord(text)
    in_json = {text, f"\\{text}", json.dumps(text)[1:-1], f"\\u{code:04x}", f"\\u{code:04X}"}
    forms = {
        *in_json,
        *(json.dumps(form)[1:-1] for form in in_json),
        quote(text, safe=""),
        quote(text, safe="").lower(),
        quote_plus(text),
        html.escape(text),
        f"&#{code};",
        f"&#x{code:x};",
        f"&#x{code:X};",
    }
    return f"(?:{'|'.join(map(re.escape, sorted(forms, key=len, reverse=True)))})"
