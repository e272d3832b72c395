"""Two channels with the same things in each, and staff of every role for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from callbacks.models import ReceivedCallback
from providers.models import (
    BeiyingSite,
    BulkRun,
    HrgCode,
    ProviderAccount,
    ProviderTransfer,
    ProvisioningJob,
    Target,
)
from tests.admin.world_providers import add_bulk_run, add_providers
from wallet import adjustments, ledger, notes, players
from wallet.models import (
    Adjustment,
    Agent,
    ApprovalLimit,
    AuditEvent,
    Channel,
    ChannelKey,
    EntryKind,
    Export,
    ExportSchedule,
    Hold,
    HouseAccount,
    LedgerEntry,
    LoginEvent,
    Note,
    Player,
    PlayerSession,
    Reconciliation,
    ReconciliationItem,
    ReportLine,
    Round,
    Seal,
    SecondFactor,
    StaffLogin,
    StaffScope,
    StaffSession,
    SubChannel,
    Verification,
    Wallet,
    WalletType,
)
from wallet.roles import ROLES

HERE, ELSEWHERE = 7001, 7002


def staff(username: str, *, role: str | None = None, superuser: bool = False) -> User:
    user = User.objects.create(username=username, is_staff=True, is_superuser=superuser)
    user.set_unusable_password()
    user.save()
    if role:
        user.groups.add(Group.objects.get(name=role))
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@dataclass
class Side:
    """One channel and everything that belongs to it."""

    number: int

    def __post_init__(self) -> None:
        self.channel = Channel.objects.create(
            pk=self.number, name=f"Channel {self.number}", currency="CNY"
        )
        self.key = ChannelKey.objects.create(
            channel=self.channel,
            state=ChannelKey.State.ACTIVE,
            public_pem="public",
            fingerprint=f"{self.number:064}",
            bits=1024,
        )
        self.next_key = ChannelKey.objects.create(
            channel=self.channel,
            state=ChannelKey.State.NEXT,
            public_pem="next",
            fingerprint=f"{self.number + 100:064}",
            bits=2048,
        )
        self.sub_channel = SubChannel.objects.create(channel=self.channel, number=1, name="One")
        self.agent = Agent.objects.create(
            channel=self.channel, agent_id="agent01", sub_channel=self.sub_channel
        )
        self.player = self.register(f"anna{self.number}")
        self.locked = self.register(f"lena{self.number}")
        players.lock(player=self.locked, reason="test")
        self.wallet = self.player.wallets.get(type=0)
        self.entry = self.post(EntryKind.BET, "-10", "b-1", round_code=f"R-{self.number}")
        self.post(EntryKind.HOLD, "-5", "h-1")
        self.hold = Hold.objects.get(wallet=self.wallet)
        self.house_account = HouseAccount.objects.filter(channel=self.channel).first()
        self.session = self._session()
        self.login = LoginEvent.objects.create(
            channel=self.channel,
            player=self.player,
            username=self.player.username,
            outcome=LoginEvent.Outcome.SUCCESS,
            event_type=4,
            address="203.0.113.9",
        )
        self.maker = staff(f"maker{self.number}")
        self.adjustment = adjustments.propose(
            wallet=self.wallet,
            kind=Adjustment.Kind.ADJUSTMENT,
            amount=Decimal(20),
            reason="promised",
            maker=self.maker,
            attachment=ContentFile(b"as agreed", name="note.txt"),
        )
        self.export = Export.objects.create(requested_by=self.maker, source="ledger", request={})
        self.schedule = ExportSchedule.objects.create(
            owner=self.maker,
            name="Night",
            request={"source": "ledger", "zone": "UTC", "format": "csv"},
            next_at=timezone.now() + timedelta(days=1),
        )
        self.received = ReceivedCallback.objects.create(
            event="syncCredit",
            channel_number=self.number,
            seq_no=f"q-{self.number}",
            username=self.player.username,
            request="{}",
            answer="{}",
            status=200,
            decision=ReceivedCallback.Decision.REFUSED,
            case=ReceivedCallback.Case.CONFLICT,
            microseconds=1200,
            received_at=timezone.now(),
        )
        self.site, self.target, self.account, self.job, self.transfer = add_providers(self)
        self.run = add_bulk_run(self)
        self.note = notes.write(player=self.player, author=self.maker, text="calls at night")
        self.colleague = staff(f"colleague{self.number}", role="Operations")
        StaffScope.objects.create(user=self.colleague, channel=self.channel)
        self._sign_ins()
        self.verification = Verification.objects.create(
            started_at=timezone.now(),
            finished_at=timezone.now(),
            channel_number=self.number,
            passed=True,
            report={},
        )

    @cached_property
    def audit_event(self) -> AuditEvent | None:
        """A change in this channel, as the triggers wrote it down."""
        return AuditEvent.objects.filter(channel_number=self.number).first()

    def _sign_ins(self) -> None:
        """The colleague has a second factor, is signed in somewhere, and is locked out."""
        SecondFactor.objects.create(user=self.colleague, confirmed_at=timezone.now())
        self.staff_session = StaffSession.objects.create(user=self.colleague)
        for _ in range(settings.STAFF_FAILURES_PER_USER):
            self.staff_login = StaffLogin.objects.create(
                user=self.colleague,
                username=self.colleague.username,
                outcome=StaffLogin.Outcome.WRONG_PASSWORD,
            )

    @cached_property
    def difference(self) -> ReconciliationItem:
        return ReconciliationItem.objects.create(
            reconciliation=Reconciliation.objects.create(
                channel=self.channel,
                provider="ebet",
                day=timezone.localdate(),
                zone="UTC",
                since=timezone.now(),
                until=timezone.now(),
                state=Reconciliation.State.DONE,
            ),
            channel=self.channel,
            difference="extra",
            key="b-1",
            differing=[],
        )

    def register(self, username: str) -> Player:
        return players.register(
            channel=self.channel,
            username=username,
            sub_channel=self.sub_channel,
            opening_balances={0: Decimal("100.00")},
        )

    def post(
        self, kind: EntryKind, amount: str, reference: str, *, round_code: str = ""
    ) -> LedgerEntry:
        answer = ledger.post(
            wallet_id=self.wallet.pk,
            kind=kind,
            amount=Decimal(amount),
            source="test",
            reference=reference,
            round_code=round_code,
        )
        assert answer.entry_id is not None
        return LedgerEntry.objects.get(pk=answer.entry_id)

    def _session(self) -> PlayerSession:
        players.open_session(player=self.player)
        return self.player.sessions.get()

    @cached_property
    def objects(self) -> dict[type[Model], Model | None]:
        """One row of every registered model; those without a channel are shared."""
        return {
            Channel: self.channel,
            SubChannel: self.sub_channel,
            Agent: self.agent,
            Player: self.player,
            Wallet: self.wallet,
            WalletType: WalletType.objects.get(pk=1),
            HouseAccount: self.house_account,
            LedgerEntry: self.entry,
            Round: Round.objects.get(pk=self.entry.pk),
            Hold: self.hold,
            ReportLine: None,
            Reconciliation: self.difference.reconciliation,
            ReconciliationItem: self.difference,
            Adjustment: self.adjustment,
            PlayerSession: self.session,
            LoginEvent: self.login,
            Note: self.note,
            Seal: Seal.objects.first(),
            Verification: self.verification,
            ApprovalLimit: ApprovalLimit.objects.first(),
            StaffLogin: self.staff_login,
            StaffSession: self.staff_session,
            User: self.colleague,
            Group: Group.objects.get(name="Auditor"),
            ReceivedCallback: self.received,
            ProviderAccount: self.account,
            ProvisioningJob: self.job,
            ProviderTransfer: self.transfer,
            Target: self.target,
            BeiyingSite: self.site,
            BulkRun: self.run,
            HrgCode: HrgCode.objects.first(),
            AuditEvent: self.audit_event,
            Export: self.export,
            ExportSchedule: self.schedule,
        }


class World:
    """``here`` is the channel that every role sees; ``elsewhere`` the one that nobody does."""

    def __init__(self) -> None:
        HrgCode.objects.create(code="0000", reaction="done")
        ApprovalLimit.objects.create(
            role=Group.objects.get(name="Finance"), currency="CNY", amount=1000
        )
        self.here, self.elsewhere = Side(HERE), Side(ELSEWHERE)
        self.superuser = staff("root", superuser=True)
        self.roles = {role: self._member(role) for role in ROLES}
        self.stranger = staff("stranger", role="Administrator")
        self.part = staff("part", role="Administrator")
        self.other_part = SubChannel.objects.create(channel=self.here.channel, number=2, name="Two")
        StaffScope.objects.create(
            user=self.part, channel=self.here.channel, sub_channel=self.other_part
        )

    def _member(self, role: str) -> User:
        user = staff(role.lower(), role=role)
        StaffScope.objects.create(user=user, channel=self.here.channel)
        return user
