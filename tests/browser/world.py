"""A small channel that stays in the database, for the browser to work with."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.contrib.auth.models import Group, User
from django.utils import timezone

from callbacks.models import ReceivedCallback
from providers.models import BulkRun, ProviderAccount, ProvisioningJob, Target
from wallet import ledger, notes, players, rotation, totals
from wallet.models import (
    Agent,
    ApprovalLimit,
    Channel,
    EntryKind,
    Player,
    StaffScope,
    Wallet,
)

CHANNEL = 8800
PASSWORD = "a long pass-phrase"


def public_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=1024).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@dataclass(frozen=True)
class BrowserWorld:
    channel: Channel
    player: Player
    wallet: Wallet
    job: ProvisioningJob
    received: ReceivedCallback


def make_world() -> BrowserWorld:
    """Made once for every worker's database; what the tests do to it stays."""
    if channel := Channel.objects.filter(pk=CHANNEL).first():
        return _find(channel)
    channel = Channel.objects.create(pk=CHANNEL, name="Browser", currency="CNY")
    rotation.add_key(channel=channel, public_pem=public_key())
    _staff(channel)
    agent = Agent.objects.create(channel=channel, agent_id="walker")
    player = players.register(
        channel=channel,
        username="walter8",
        nickname="Walter",
        agent=agent,
        opening_balances={0: Decimal("1000.00")},
    )
    wallet = player.wallets.get(type=0)
    for number in range(30):
        for kind, amount in ((EntryKind.BET, -20), (EntryKind.PAYOUT, 15)):
            ledger.post(
                wallet_id=wallet.pk,
                kind=kind,
                amount=Decimal(amount),
                source=f"ebet:{kind.value}",
                reference=f"walk-{number}",
                round_code=f"BP1-88{number:04}",
            )
    totals.roll_up()
    target = Target.objects.create(
        provider="hrg", channel=channel, agent=agent, namespace="browser"
    )
    account = ProviderAccount.objects.create(
        player=player,
        target=target,
        channel=channel,
        namespace="browser",
        external_name="walter8",
    )
    job = ProvisioningJob.objects.create(
        target=target,
        player=player,
        channel=channel,
        account=account,
        state=ProvisioningJob.State.CONFLICT,
        code="9999",
        message="refused",
        next_attempt_at=None,
    )
    run = BulkRun.objects.create(
        operation=BulkRun.Operation.RETRY,
        reason="They are back.",
        state=BulkRun.State.STOPPED,
        channels=[channel.pk],
        total=1,
        requested_by=User.objects.get(username="olga"),
        finished_at=timezone.now(),
    )
    run.items.create(job=job, outcome="refused", reason="The job is done.", at=timezone.now())
    ReceivedCallback.objects.create(
        event="syncCredit",
        channel_number=channel.pk,
        seq_no="browser-1",
        username=player.username,
        request='{"event":"syncCredit"}',
        answer='{"status":4025}',
        status=4025,
        decision=ReceivedCallback.Decision.REFUSED,
        microseconds=900,
        received_at=timezone.now(),
    )
    notes.write(player=player, author=User.objects.get(username="olga"), text="Likes tea.")
    return _find(channel)


def _find(channel: Channel) -> BrowserWorld:
    player = Player.objects.get(channel=channel, username="walter8")
    job = ProvisioningJob.objects.get(player=player)
    received = ReceivedCallback.objects.get(channel_number=channel.pk, seq_no="browser-1")
    return BrowserWorld(channel, player, player.wallets.get(type=0), job, received)


def _staff(channel: Channel) -> None:
    for username, role in (("olga", "Operations"), ("fiona", "Finance"), ("adam", "Administrator")):
        user = User.objects.create_user(username, password=PASSWORD, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        StaffScope.objects.create(user=user, channel=channel)
    User.objects.create_superuser("root", password=PASSWORD)
    ApprovalLimit.objects.get_or_create(
        role=Group.objects.get(name="Finance"), currency="CNY", defaults={"amount": 1000}
    )
