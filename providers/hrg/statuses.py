"""HRG's status codes: four characters each; the vendor's full list is not public.

Whatever is not listed here is *outcome unknown*: verified, never repeated blindly.
An administrator extends the table as the vendor names its codes.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from django.utils.translation import gettext_lazy as _

from providers.codes import Code, Reaction

SUCCESS: Final = "0000"

CODES: Final[Mapping[str, Code]] = MappingProxyType(
    {
        row.code: row
        for row in (
            Code(SUCCESS, Reaction.DONE, _("success")),
            Code("9999", Reaction.UNKNOWN, _("any failure without a better code")),
        )
    }
)

Classify: TypeAlias = Callable[[str], Reaction]
"""From an HRG code to our reaction; the gateway adds the administrator's rows."""


def classify(code: str) -> Reaction:
    """The built-in reading of `code`."""
    row = CODES.get(code)
    return row.reaction if row else Reaction.UNKNOWN
