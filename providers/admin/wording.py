"""What staff read when a provider does not do what was asked: what it means, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers.beiying.statuses import CODES
from providers.errors import (
    NeedsDecision,
    NotThere,
    OutcomeUnknown,
    Passing,
    ProviderError,
    Refused,
    TargetRefused,
)
from providers.models import HrgCode
from wallet.secrets import SecretUnreadable

# The narrower before the wider.
_SENTENCES: Final[tuple[tuple[type[ProviderError], Promise], ...]] = (
    (
        TargetRefused,
        _(
            "The provider refuses our access: %(error)s. Check the address, the ID and the secret "
            "there, and ask the provider whether it lets our server in."
        ),
    ),
    (
        Passing,
        _(
            "The provider cannot be reached or is busy: %(error)s. Nothing was done; try again in "
            "a few minutes."
        ),
    ),
    (
        OutcomeUnknown,
        _(
            "The provider gave no usable answer: %(error)s. Try again; if it stays so, ask the "
            "provider."
        ),
    ),
    (NotThere, _("The provider does not know this: %(error)s.")),
    (Refused, _("The provider refuses this request: %(error)s. Nothing was done.")),
    (NeedsDecision, _("The provider answers what a person must judge: %(error)s.")),
)


def explain(error: ProviderError) -> str:
    """The sentence for a provider's error, in the reader's language."""
    for kind, sentence in _SENTENCES:
        if isinstance(error, kind):
            return str(sentence) % {"error": _with_meaning(error)}
    return str(error)


def _with_meaning(error: ProviderError) -> str:
    """The provider's code and words, with what we know the code to mean."""
    known = CODES.get(error.code)
    meaning = str(known.meaning) if known else ""
    if not meaning and (row := HrgCode.objects.filter(code=error.code).first()):
        meaning = row.meaning
    words = ", ".join(part for part in (meaning, error.message) if part)
    return f"{error.code} ({words})" if words else error.code


@contextmanager
def asking() -> Iterator[None]:
    """What goes wrong at the provider is said in the form."""
    try:
        yield
    except ProviderError as error:
        raise ValidationError(explain(error)) from error
    except SecretUnreadable as error:
        raise ValidationError(str(error)) from error
