"""Tables of provider codes: frozen rows, closed by default."""

from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from providers import errors


class Reaction(models.TextChoices):
    """What a provider's code makes us do."""

    DONE = "done", _("done")
    EXISTS = "exists", _("already there")
    ABSENT = "absent", _("not there: safe to send")
    PERMANENT = "permanent", _("refused for good")
    CONFLICT = "conflict", _("a person must decide")
    PASSING = "passing", _("try again later")
    UNKNOWN = "unknown", _("verify before repeating")
    TARGET = "target", _("pause the whole target")


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a provider's table."""

    code: str
    reaction: Reaction
    meaning: str | Promise


_ERRORS: Final[dict[Reaction, type[errors.ProviderError]]] = {
    Reaction.EXISTS: errors.AlreadyExists,
    Reaction.ABSENT: errors.NotThere,
    Reaction.PERMANENT: errors.Refused,
    Reaction.CONFLICT: errors.NeedsDecision,
    Reaction.PASSING: errors.Passing,
    Reaction.TARGET: errors.TargetRefused,
}


def error_for(reaction: Reaction, *, code: str, message: str) -> errors.ProviderError:
    """The error that `reaction` stands for.

    A DONE that gets here came with an answer that does not bear it out, so it is
    as unknown as UNKNOWN itself.
    """
    return _ERRORS.get(reaction, errors.OutcomeUnknown)(code, message)
