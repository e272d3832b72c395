"""Writing the outbox: which accounts a player is to have, under which names."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from providers import dispatch, targets
from providers.amounts import amount_text
from providers.gateway import Gateway
from providers.gateways import gateway_of
from providers.models import ProviderAccount, ProvisioningJob, Target
from providers.naming import candidates
from wallet.models import Player

State = ProvisioningJob.State
INVALID_NAME: Final = "invalid_name"


class ProvisioningError(Exception):
    """A request of staff that cannot be met; nothing changed."""


class AlreadyInHand(ProvisioningError):
    """The player's account at the target exists or is being created."""


def enqueue_player(*, player: Player) -> list[ProvisioningJob]:
    """Write a job for every target where the player lacks an account.

    Belongs into the transaction that registers the player: both or neither.
    """
    return [
        job
        for target in targets.of_player(player)
        if (job := _enqueue(player=player, target=target, options={})) is not None
    ]


def request_account(
    *,
    player: Player,
    target: Target,
    balance: Decimal | None = None,
    free_credit: Decimal | None = None,
) -> ProvisioningJob:
    """Ask for one account, with amounts where the operator wants it to start with some.

    Raises AlreadyInHand; Refused for an amount that cannot be sent.
    """
    amounts = {"balance": balance, "freeCredit": free_credit}
    options = {
        name: amount_text(amount, zero_allowed=True)
        for name, amount in amounts.items()
        if amount is not None
    }
    try:
        with transaction.atomic():
            job = _enqueue(player=player, target=target, options=options)
    except IntegrityError:  # somebody asked at the same moment
        job = None
    if job is None:
        raise AlreadyInHand(_("The player's account there is in hand already."))
    dispatch.push_on_commit(target_id=target.pk)
    return job


def enqueue_missing(*, target: Target, limit: int = 1000) -> int:
    """Write jobs for players who should have an account at the target and have no job.

    For players older than the target. Returns how many were written; call until 0.
    """
    players = Player.objects.exclude(status=Player.Status.CLOSED).exclude(
        provisioning_jobs__in=ProvisioningJob.objects.filter(
            target=target, kind=ProvisioningJob.Kind.CREATE
        )
    )
    if target.agent_id:
        players = players.filter(agent_id=target.agent_id)
    else:
        players = players.filter(channel_id=target.channel_id)
    with transaction.atomic():
        return sum(
            _enqueue(player=player, target=target, options={}) is not None
            for player in players.order_by("id")[:limit]
        )


def name_again(job: ProvisioningJob) -> bool:
    """Give a job that was refused for its player's name another try at finding one."""
    account = _account(player=job.player, target=job.target, gateway=gateway_of(job.target))
    job.account = account
    return account is not None


def _enqueue(
    *, player: Player, target: Target, options: Mapping[str, str]
) -> ProvisioningJob | None:
    in_hand = ProvisioningJob.objects.filter(
        target=target, player=player, kind=ProvisioningJob.Kind.CREATE
    ).exclude(state=State.CANCELLED)
    if in_hand.exists():
        return None
    account = _account(player=player, target=target, gateway=gateway_of(target))
    job = ProvisioningJob(
        target=target,
        player=player,
        channel_id=player.channel_id,
        account=account,
        options=dict(options),
        state=State.PENDING if target.is_active else State.PAUSED,
    )
    if account is None:
        job.state, job.next_attempt_at = State.REFUSED, None
        job.code, job.message = INVALID_NAME, f"{player.username!r} is not allowed there"
    job.save()
    return job


def _account(*, player: Player, target: Target, gateway: Gateway) -> ProviderAccount | None:
    """The player's account row at the target, or None when policy refuses the name."""
    known = ProviderAccount.objects.filter(player=player, target=target).first()
    if known:
        return known
    password = gateway.make_password()
    for name in candidates(player, derive=target.name_policy == Target.NamePolicy.ALIAS):
        if not gateway.takes_name(name):
            continue
        ProviderAccount.objects.bulk_create(
            [
                ProviderAccount(
                    player=player,
                    target=target,
                    channel_id=player.channel_id,
                    namespace=target.namespace,
                    external_name=name,
                    is_alias=name != player.username,
                    password=password,
                    created_at=timezone.now(),
                )
            ],
            ignore_conflicts=True,
        )
        mine = ProviderAccount.objects.filter(player=player, target=target).first()
        if mine:
            return mine
    return None
