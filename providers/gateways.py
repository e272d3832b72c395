"""From a target to the provider behind it: the one place that lists the providers."""

from collections.abc import Callable
from typing import Final

from providers.beiying.gateway import BeiyingGateway
from providers.errors import TargetRefused
from providers.gateway import Gateway
from providers.hrg.gateway import HrgGateway
from providers.models import Provider, Target
from wallet.secrets import SecretUnreadable


def _hrg(target: Target) -> Gateway:
    if target.agent is None:
        raise TargetRefused("misconfigured", "the target has no agent")
    return HrgGateway(agent=target.agent)


def _beiying(target: Target) -> Gateway:
    if target.site is None:
        raise TargetRefused("misconfigured", "the target has no site")
    return BeiyingGateway(site=target.site)


_GATEWAYS: Final[dict[str, Callable[[Target], Gateway]]] = {
    Provider.HRG: _hrg,
    Provider.BEIYING: _beiying,
}


def gateway_of(target: Target) -> Gateway:
    """The provider's gateway with this target's access. Raises TargetRefused."""
    try:
        return _GATEWAYS[target.provider](target)
    except SecretUnreadable as error:
        raise TargetRefused("secret_unreadable", str(error)) from error
