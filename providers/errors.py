"""What can go wrong at a provider, in the one distinction the retry loop reads."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Verdict(models.TextChoices):
    """What an answer, or the lack of one, means for the job that asked."""

    PERMANENT = "permanent", _("refused for good")
    CONFLICT = "conflict", _("a person must decide")
    PASSING = "passing", _("try again later")
    UNKNOWN = "unknown", _("outcome unknown")
    TARGET = "target", _("our access is refused")


class ProviderError(Exception):
    """Base of the family. `code` and `message` are the provider's own, verbatim.

    `in_doubt` says that the request, or one before it, may have been carried out.
    """

    verdict: Verdict
    in_doubt = False

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class Refused(ProviderError):
    """The request can never succeed as it stands."""

    verdict = Verdict.PERMANENT


class NotThere(Refused):
    """The account or order asked for does not exist."""


class NeedsDecision(ProviderError):
    """The answer is definite but its meaning for us is a person's to judge."""

    verdict = Verdict.CONFLICT


class AlreadyExists(NeedsDecision):
    """The name or order id is taken, perhaps by an earlier attempt of ours."""


class Passing(ProviderError):
    """Nothing was done; the same request may succeed later."""

    verdict = Verdict.PASSING


class OutcomeUnknown(ProviderError):
    """The request may or may not have been carried out: verify before repeating."""

    verdict = Verdict.UNKNOWN
    in_doubt = True


class TargetRefused(ProviderError):
    """Our credentials, address or contract are refused, for every request alike."""

    verdict = Verdict.TARGET
