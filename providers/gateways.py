"""From a target to the provider behind it: the one place that lists the providers."""

from collections.abc import Callable
from typing import Final

from providers.beiying.client import GAMES
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


_GAMES: Final[dict[str, tuple[str, ...]]] = {Provider.BEIYING: GAMES}


def games_of(target: Target) -> tuple[str, ...]:
    """The games in which the provider keeps a player's money apart; none where it does not."""
    return _GAMES.get(target.provider, ())


def gateway_of(target: Target, *, log: list[Exchange] | None = None) -> Gateway:
    """The provider's gateway with this target's access, keeping its exchanges in `log`.

    Raises SecretUnreadable, or TargetRefused when the target has no access at all.
    """
    return _GATEWAYS[target.provider](target, [] if log is None else log)
