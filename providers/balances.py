"""What an account at a provider holds now, asked for by staff."""

from decimal import Decimal

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from providers.errors import OutcomeUnknown, Passing
from providers.gateways import gateway_of
from providers.models import ProviderAccount, Target


class NotRead(Exception):
    """The balance could not be read; what was known before stays."""


def refresh(*, account: ProviderAccount, game: str = "") -> Decimal:
    """Ask the provider and keep the answer, unless a transfer told a newer one meanwhile.

    `game` names the money asked for where the provider keeps it per game. Raises
    NotRead, SecretUnreadable and the other errors of `providers.errors`.
    """
    target = account.target
    if target.state == Target.State.PAUSED:
        raise NotRead(_("The target is paused by staff: nothing is asked there."))
    asked_at = timezone.now()
    try:
        balance = gateway_of(target).read_balance(name=account.external_name, game=game)
    except (OutcomeUnknown, Passing) as error:
        raise NotRead(
            _("The provider gave no usable answer (%(error)s). The balance stays as it was known.")
            % {"error": error}
        ) from error
    older = Q(balance_at=None) | Q(balance_at__lt=asked_at)
    ProviderAccount.objects.filter(older, pk=account.pk).update(
        balance=balance, balance_at=timezone.now()
    )
    return balance
