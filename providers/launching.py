"""Opening a provider's game for a player."""

from django.utils.translation import gettext as _

from providers.beiying.client import Client
from providers.errors import NotThere
from providers.models import Provider, ProviderAccount, Target


class NoLaunch(Exception):
    """The provider has no launch links, or nothing is to be asked there."""


def launch_link(*, account: ProviderAccount, game: str) -> str:
    """A link that opens `game` for the player. It lives five minutes: show it, never store it.

    A user that the provider does not know is registered first, once. Raises NoLaunch
    and the family of `providers.errors`.
    """
    if account.target.state == Target.State.PAUSED:
        raise NoLaunch(_("The target is paused by staff: nothing is asked there."))
    site = account.target.site
    if account.target.provider != Provider.BEIYING or site is None:
        raise NoLaunch(_("The provider has no launch links."))
    client = Client(base_url=site.api_url, site_id=site.site_id, secret_key=site.secret_key)
    try:
        return client.login(user_name=account.external_name, game=game)
    except NotThere:
        client.register(user_name=account.external_name, password=account.password)
        return client.login(user_name=account.external_name, game=game)
