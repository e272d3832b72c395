"""What the page of a player, or of an account, shows of the outside services."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from providers.models import ProviderAccount, ProviderTransfer
from wallet.admin.display import label, link, moment, money
from wallet.admin.panels import Panel, Table
from wallet.models import Player

JOB_TONES = {
    "pending": "info",
    "sending": "info",
    "done": "success",
    "unknown": "warning",
    "conflict": "danger",
    "refused": "danger",
    "paused": "warning",
    "cancelled": "default",
}
TRANSFER_TONES = {"open": "warning", "settled": "success", "released": "default"}
RECENT = 25


def _accounts(request: HttpRequest, player: Player) -> Table:
    accounts = player.provider_accounts.select_related("target").order_by("pk")
    return Table(
        headers=(
            _("target"),
            _("name there"),
            _("exists since"),
            _("known by"),
            _("last known balance"),
        ),
        rows=[
            [
                link(account.target),
                link(account, account.external_name),
                moment(account.confirmed_at),
                account.get_confirmed_by_display() or "—",
                money(account.balance),
            ]
            for account in accounts
        ],
    )


def _jobs(request: HttpRequest, of: Player | ProviderAccount) -> Table:
    jobs = of.provisioning_jobs if isinstance(of, Player) else of.jobs
    return Table(
        headers=(
            _("created at"),
            _("kind"),
            _("target"),
            _("state"),
            _("attempts"),
            _("code"),
            _("message"),
        ),
        rows=[
            [
                link(job, moment(job.created_at)),
                job.get_kind_display(),
                str(job.target),
                label(job.get_state_display(), JOB_TONES[job.state]),
                job.attempts,
                job.code or "—",
                job.message or "—",
            ]
            for job in jobs.select_related("target").order_by("-pk")[:RECENT]
        ],
    )


def _transfers(request: HttpRequest, of: Player | ProviderAccount) -> Table:
    transfers = ProviderTransfer.objects.filter(
        **{"account__player" if isinstance(of, Player) else "account": of}
    )
    return Table(
        headers=(_("created at"), _("direction"), _("amount"), _("state"), _("game"), _("reason")),
        rows=[
            [
                link(transfer, moment(transfer.created_at)),
                transfer.get_direction_display(),
                money(transfer.amount),
                label(transfer.get_state_display(), TRANSFER_TONES[transfer.state]),
                transfer.game or "—",
                transfer.reason,
            ]
            for transfer in transfers.order_by("-pk")[:RECENT]
        ],
    )


ACCOUNT_PANELS = [
    Panel(_("Jobs"), "providers.view_provisioningjob", _jobs),
    Panel(_("Transfers"), "providers.view_providertransfer", _transfers),
]
PANELS = [
    Panel(_("Provider accounts"), "providers.view_provideraccount", _accounts),
    *ACCOUNT_PANELS,
]
