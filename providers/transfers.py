"""Funds to and from provider accounts: hold, call, check when unknown, settle or release.

The job of the outbox calls the provider; here is what happens to the money. Every
posting carries a reference made from the order id, so none can happen twice.
"""

from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from providers import dispatch
from providers.amounts import amount_text
from providers.gateways import games_of
from providers.models import ProviderAccount, ProviderTransfer, ProvisioningJob
from wallet import ledger
from wallet.models import EntryKind, LedgerEntry, Wallet

SOURCE: Final = "provider"
ORDER_ID_DIGITS: Final = 28
"""With its two letters the longest that every provider takes."""

Direction = ProviderTransfer.Direction
State = ProviderTransfer.State


class TransferError(Exception):
    """A transfer that cannot be started; nothing moved."""


class AccountNotReady(TransferError):
    """The account is not known to exist at the provider."""


class WrongWallet(TransferError):
    """The wallet is not the player's, or the game is not one of the provider's."""


class AlreadyStarted(TransferError):
    """The same request came twice."""


class LedgerRefused(TransferError):
    """The ledger does not let the money go: not enough of it, or an inactive player."""


def start(
    *,
    account: ProviderAccount,
    wallet: Wallet,
    direction: str,
    amount: Decimal,
    reason: str,
    staff_id: int | None,
    game: str = "",
    request_id: UUID | None = None,
) -> ProviderTransfer:
    """Hold the money (when it leaves us) and write the job that moves it.

    `amount` is positive, in the wallet's currency. The same `request_id` starts one
    transfer, however often it comes. Raises AccountNotReady, WrongWallet,
    LedgerRefused, AlreadyStarted; Refused for an amount that cannot be sent.
    """
    amount_text(amount)
    if account.confirmed_at is None:
        raise AccountNotReady(_("The account is not known to exist at the provider."))
    if wallet.player_id != account.player_id:
        raise WrongWallet(_("The wallet belongs to another player."))
    if game not in (games_of(account.target) or ("",)):
        raise WrongWallet(_("贝盈 keeps money per game: choose one. Others have no games."))
    order_id = f"bo{(request_id or uuid4()).hex[:ORDER_ID_DIGITS]}"
    if ProviderTransfer.objects.filter(order_id=order_id).exists():
        raise AlreadyStarted(_("This transfer was started already."))
    with transaction.atomic():
        job = ProvisioningJob.objects.create(
            target_id=account.target_id,
            player_id=account.player_id,
            channel_id=account.channel_id,
            account=account,
            kind=direction,
        )
        transfer = ProviderTransfer.objects.create(
            channel_id=account.channel_id,
            account=account,
            wallet=wallet,
            job=job,
            direction=direction,
            amount=amount,
            currency=wallet.currency,
            game=game,
            order_id=order_id,
            requested_by_id=staff_id,
            reason=reason,
        )
        if direction == Direction.FUND:
            _post(transfer, EntryKind.HOLD, -amount, "hold")
        dispatch.push_on_commit(target_id=account.target_id)
    return transfer


def settle(transfer: ProviderTransfer) -> None:
    """The provider has carried it out: book it. Call in the transaction that ends the job.

    It applies whatever happened meanwhile: to a locked or closed player, and below zero
    after a clawback, as the money is where the provider says.
    """
    if transfer.direction == Direction.FUND:
        _return_hold(transfer)
        _post(transfer, EntryKind.PROVIDER_OUT, -transfer.amount, "out")
    else:
        _post(transfer, EntryKind.PROVIDER_IN, transfer.amount, "in")
    _finish(transfer, State.SETTLED)


def release(transfer: ProviderTransfer) -> None:
    """The provider has refused it: give the held money back, in the job's transaction."""
    if transfer.direction == Direction.FUND:
        _return_hold(transfer)
    _finish(transfer, State.RELEASED)


def _return_hold(transfer: ProviderTransfer) -> None:
    _post(transfer, EntryKind.RELEASE, transfer.amount, "release", holds=[_key(transfer, "hold")])


def _post(
    transfer: ProviderTransfer,
    kind: EntryKind,
    amount: Decimal,
    step: str,
    holds: list[str] | None = None,
) -> None:
    posting = ledger.post(
        wallet_id=transfer.wallet_id,
        kind=kind,
        amount=amount,
        source=SOURCE,
        reference=_key(transfer, step),
        holds=holds or [],
        actor_id=transfer.requested_by_id,
        reason=transfer.reason,
    )
    if not posting.accepted:
        raise LedgerRefused(_("The ledger refused it: %s") % _reason(posting.code))


def _reason(code: str) -> str:
    return str(LedgerEntry.Code(code).label) if code in LedgerEntry.Code.values else code


def _key(transfer: ProviderTransfer, step: str) -> str:
    return f"{transfer.order_id}:{step}"


def _finish(transfer: ProviderTransfer, state: ProviderTransfer.State) -> None:
    transfer.state, transfer.finished_at = state, timezone.now()
    transfer.save(update_fields=["state", "finished_at"])
