"""Funds moved to and from HRG and 贝盈 in a period: how we have them, and how they have them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from providers.beiying.gateway import BeiyingGateway
from providers.beiying.statuses import ORDER_FAILED, ORDER_NOT_FOUND
from providers.errors import OutcomeUnknown, Refused
from providers.gateways import gateway_of
from providers.hrg.client import Operation
from providers.hrg.gateway import HrgGateway
from providers.models import Provider, ProviderTransfer, Target
from wallet.models import Channel, LedgerEntry
from wallet.reconciliation.matching import Record

Books = tuple[dict[str, Record], set[str], dict[str, Record]]

_DONE: Final = {
    ProviderTransfer.State.SETTLED.value: True,
    ProviderTransfer.State.RELEASED.value: False,
    ProviderTransfer.State.OPEN.value: None,
}
_FATES: Final = {ORDER_FAILED: False}
_UNDECIDED: Final = "Exception"
"""What 贝盈 answers while an order is undecided; without an answer the code is another."""


def hrg_books(channel: Channel, *, since: datetime, until: datetime) -> Books:
    """Our transfers, those of the period among them, and HRG's log of the period.

    What its log lacks is asked for by its code before it counts as missing there, as the log's
    clock is HRG's. Raises the family of `providers.errors`.
    """
    theirs: dict[str, Record] = {}
    gateways = {}
    for target in Target.objects.filter(channel=channel, provider=Provider.HRG):
        gateway = gateway_of(target)
        if isinstance(gateway, HrgGateway):
            gateways[target.pk] = gateway
            log = gateway.client.get_transfer_operation_log(start=since, end=until)
            theirs |= {operation.transaction_code: _operation(operation) for operation in log}
    ours, of_ours, targets = _ours(channel, Provider.HRG, since, until, theirs)
    for key in of_ours - theirs.keys():
        if found := _asked_hrg(gateways[targets[key]], key):
            theirs[key] = found
    return ours, of_ours, theirs


def beiying_books(channel: Channel, *, since: datetime, until: datetime) -> Books:
    """Our transfers of the period, and what 贝盈 answers about each of them.

    It has no list of transfers, so what only 贝盈 knows cannot be found. Raises the family of
    `providers.errors`.
    """
    ours, of_ours, targets = _ours(channel, Provider.BEIYING, since, until, {})
    theirs = {}
    for key in of_ours:
        gateway = gateway_of(Target.objects.get(pk=targets[key]))
        if isinstance(gateway, BeiyingGateway) and (found := _asked_beiying(gateway, key)):
            theirs[key] = found
    return ours, of_ours, theirs


def _ours(
    channel: Channel,
    provider: Provider,
    since: datetime,
    until: datetime,
    theirs: Mapping[str, Record],
) -> tuple[dict[str, Record], set[str], dict[str, int]]:
    """Our records by order id, those that ended in the period, and the target of each."""
    ended = Q(finished_at__gte=since, finished_at__lt=until)
    transfers = ProviderTransfer.objects.filter(
        ended | Q(order_id__in=list(theirs)), channel=channel, account__target__provider=provider
    ).select_related("account")
    entries = _entries_of(transfers)
    records, within, targets = {}, set(), {}
    for transfer in transfers:
        key = transfer.order_id
        records[key] = Record(
            key=key,
            done=_DONE[transfer.state],
            player=transfer.account.external_name,
            amount=transfer.amount,
            at=transfer.finished_at or transfer.created_at,
            says=transfer.state,
            entry_id=entries.get(key),
        )
        targets[key] = transfer.account.target_id
        if transfer.finished_at and since <= transfer.finished_at < until:
            within.add(key)
    return records, within, targets


def _entries_of(transfers: QuerySet[ProviderTransfer]) -> dict[str, int]:
    """The ledger entry that settled each transfer, by order id."""
    keys = [f"{transfer.order_id}:{step}" for transfer in transfers for step in ("in", "out")]
    found = LedgerEntry.objects.filter(source="provider", reference__in=keys)
    return {reference.split(":")[0]: pk for reference, pk in found.values_list("reference", "pk")}


def _operation(operation: Operation) -> Record:
    return Record(
        key=operation.transaction_code,
        done=True,
        player=operation.user_id,
        amount=operation.moved,
        says="0000",
    )


def _asked_hrg(gateway: HrgGateway, code: str) -> Record | None:
    try:
        operation = gateway.client.check_transfer_operation(transaction_code=code)
    except (Refused, OutcomeUnknown) as error:
        if gateway.was_answered(error):
            return None
        raise
    return replace(_operation(operation), key=code)


def _asked_beiying(gateway: BeiyingGateway, order_id: str) -> Record | None:
    try:
        order = gateway.client.check(order_id=order_id)
    except Refused as error:
        if error.code == ORDER_NOT_FOUND:
            return None
        return Record(key=order_id, done=_FATES.get(error.code), says=error.code)
    except OutcomeUnknown as error:
        if error.code != _UNDECIDED:
            raise
        return Record(key=order_id, done=None, says=error.code)
    return Record(key=order_id, done=True, amount=abs(order.money), says="Success")
