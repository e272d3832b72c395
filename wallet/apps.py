from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WalletConfig(AppConfig):
    name = "wallet"
    verbose_name = _("Players and wallets")

    def ready(self) -> None:
        from wallet import checks  # noqa: F401  registers the system checks
        from wallet.exports import catalogue, rounds, sources
        from wallet.grants import apply_grants
        from wallet.reports.catalogue import REPORTS
        from wallet.roles import sync_roles
        from wallet.signin import sessions

        sources.register(catalogue.LEDGER_SOURCE)
        sources.register(catalogue.PLAYERS_SOURCE)
        sources.register(rounds.ROUNDS_SOURCE)
        for report in REPORTS.values():
            sources.register(report)
        post_migrate.connect(apply_grants, dispatch_uid="wallet.grants")
        post_migrate.connect(sync_roles, dispatch_uid="wallet.roles")
        sessions.connect()
