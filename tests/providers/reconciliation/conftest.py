from __future__ import annotations

from decimal import Decimal

import pytest

from tests.providers.conftest import Register, Service
from tests.providers.reconciliation.days import (
    PRIVATE,
    PUBLIC,
    move,
    record,
)
from tests.wallet.money import Purse
from wallet.models import Channel, ChannelKey, EntryKind


@pytest.fixture
def purse(channel: Channel, register: Register, ebet: Service) -> Purse:
    """A player whose day at eBET had one message of every sort."""
    channel.ebet_api_url = ebet.url
    channel.save()
    ChannelKey.objects.create(
        channel=channel,
        state=ChannelKey.State.ACTIVE,
        public_pem=PUBLIC,
        private_pem=PRIVATE,
        fingerprint="1" * 64,
        bits=1024,
    )
    ebet.simulator.rules["keys"] = {str(channel.pk): PUBLIC}
    purse = Purse(player=register(opening_balances={0: Decimal(1000)}))
    move(purse, EntryKind.BET, "-80", "b-1")
    move(purse, EntryKind.PAYOUT, "120", "p-1")
    move(purse, EntryKind.BET, "-5000", "b-2")  # refused
    move(purse, EntryKind.BET, "-10", "b-3")
    purse.reverse("b-3", "f-3/b-3", source="ebet:refund", targets=["ebet:1"])
    purse.reverse("b-never", "f-4/b-never", source="ebet:refund", targets=["ebet:1"])
    purse.post(EntryKind.DEPOSIT, "50", reference="d-1")  # none of eBET's business
    ebet.simulator.rules["seq_nos"] = [
        record("b-1"),
        record("p-1"),
        record("b-2", status=1003),
        record("b-3"),
        record("f-3", event="refundSingleWallet"),
        record("f-4", event="refundSingleWallet"),
        record("q-1", event="syncCredit"),
        record("q-2", event="registerOrLogin", status=401),
    ]
    return purse
