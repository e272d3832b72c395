"""What proves the ledger: seals and the runs that checked it."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, moment
from wallet.models import Seal, Verification


@admin.register(Seal)
class SealAdmin(ReadOnlyAdmin):
    list_display = ("id", "entries", "sealed", "fingerprint")
    fields = ("id", "entries", "from_xact", "until_xact", "sealed", "fingerprint")
    scope_channel = None

    @admin.display(description=_("sealed at"))
    def sealed(self, seal: Seal) -> str:
        return moment(seal.sealed_at)

    @admin.display(description=_("digest (SHA-256)"))
    def fingerprint(self, seal: Seal) -> str:
        return copyable(bytes(seal.digest).hex())


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ("started", "finished", "passed", "channel_number", "since")
    fields = ("started", "finished", "passed", "channel_number", "since", "report")
    ordering = ("-started_at",)
    # A run over all channels names entries of all of them.
    scope_channel = "channel_number"

    @admin.display(description=_("started at"))
    def started(self, run: Verification) -> str:
        return moment(run.started_at)

    @admin.display(description=_("finished at"))
    def finished(self, run: Verification) -> str:
        return moment(run.finished_at)
