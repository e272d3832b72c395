"""From a target to the provider behind it: the one place that lists the providers."""

from collections.abc import Callable
from typing import Final

from providers.beiying.gateway import BeiyingGateway
from providers.errors import TargetRefused
from providers.gateway import Gateway
from providers.hrg.gateway import HrgGateway
from providers.http import Exchange
from providers.models import Provider, Target


def _hrg(target: Target, log: list[Exchange]) -> Gateway:
    if target.agent is None:
        raise TargetRefused("misconfigured", "the target has no agent")
    return HrgGateway(agent=target.agent, log=log)


def _beiying(target: Target, log: list[Exchange]) -> Gateway:
    if target.site is None:
        raise TargetRefused("misconfigured", "the target has no site")
    return BeiyingGateway(site=target.site, log=log)


_GATEWAYS: Final[dict[str, Callable[[Target, list[Exchange]], Gateway]]] = {
    Provider.HRG: _hrg,
    Provider.BEIYING: _beiying,
}


def gateway_of(target: Target, *, log: list[Exchange] | None = None) -> Gateway:
    """The provider's gateway with this target's access, keeping its exchanges in `log`.

    Raises SecretUnreadable, or TargetRefused when the target has no access at all.
    """
    return _GATEWAYS[target.provider](target, [] if log is None else log)
