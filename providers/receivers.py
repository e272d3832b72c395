"""What the wallet tells us, inside its own transaction."""

import logging
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from providers import dispatch, provisioning, targets
from providers.models import BeiyingSite
from wallet.models import Agent, Player
from wallet.signals import player_registered

logger = logging.getLogger(__name__)


def connect() -> None:
    """Called once, when the app is ready."""
    player_registered.connect(on_player_registered, dispatch_uid="providers.player_registered")
    post_save.connect(on_agent_saved, sender=Agent, dispatch_uid="providers.agent_saved")
    post_save.connect(on_site_saved, sender=BeiyingSite, dispatch_uid="providers.site_saved")


def on_player_registered(*, player: Player, **kwargs: Any) -> None:
    """Write the outbox rows; whatever goes wrong, the registration goes on without them.

    The missing rows are found again by the target's "push missing players".
    """
    try:
        with transaction.atomic():
            jobs = provisioning.enqueue_player(player=player)
    except Exception:
        logger.exception("no provider accounts were requested for player %s", player.pk)
        return
    for target_id in {job.target_id for job in jobs}:
        dispatch.push_on_commit(target_id=target_id)


def on_agent_saved(*, instance: Agent, raw: bool = False, **kwargs: Any) -> None:
    """Keep the agent's target in step with its access."""
    if not raw and instance.api_url and (target := targets.of_agent(instance)):
        targets.recheck_soon(target)


def on_site_saved(*, instance: BeiyingSite, raw: bool = False, **kwargs: Any) -> None:
    """Keep the site's target in step with its access."""
    if not raw:
        targets.recheck_soon(targets.of_site(instance))
