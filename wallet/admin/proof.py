"""What proves the ledger: seals and the runs that checked it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, label, moment
from wallet.admin.panels import Table
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


_COUNTED = {
    "wallets": _("wallets"),
    "entries": _("entries"),
    "holds": _("holds"),
    "seals": _("seals"),
    "sealed_entries": _("sealed entries"),
}


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin):
    list_display = ("started", "verdict", "took", "channel_number", "since_cell")
    fields = ("verdict", ("started", "took"), ("channel_number", "since_cell"), "counted", "checks")
    ordering = ("-started_at",)
    # A run over all channels names entries of all of them.
    scope_channel = "channel_number"

    @admin.display(description=_("started at"))
    def started(self, run: Verification) -> str:
        return moment(run.started_at)

    @admin.display(description=_("duration"))
    def took(self, run: Verification) -> str:
        return _seconds((run.finished_at - run.started_at) / timedelta(milliseconds=1))

    @admin.display(description=_("result"))
    def verdict(self, run: Verification) -> str:
        if run.passed:
            return label(_("no differences"), "success")
        return label(_("differences found"), "danger")

    @admin.display(description=_("only wallets that moved since"))
    def since_cell(self, run: Verification) -> str:
        return moment(run.since)

    @admin.display(description=_("counted"))
    def counted(self, run: Verification) -> str:
        counts = run.report.get("counts", {})
        return " · ".join(
            f"{text}: {counts[name]:,}" for name, text in _COUNTED.items() if name in counts
        )

    @admin.display(description=_("checks"))
    def checks(self, run: Verification) -> str:
        table = Table(
            headers=(_("what was checked"), _("result"), _("duration")),
            rows=[
                [gettext(check["check"]), _finding(check), _seconds(check["milliseconds"])]
                for check in run.report.get("checks", ())
            ],
        )
        return render_to_string("admin/panel_table.html", {"table": table, "title": _("checks")})


def _seconds(milliseconds: float) -> str:
    return gettext("%(seconds)s s") % {"seconds": f"{milliseconds / 1000:,.2f}"}


def _finding(check: dict[str, Any]) -> str:
    """The verdict of a check, with the first places where it does not hold."""
    if not check["differences"]:
        return label(_("ok"), "success")
    found = label(_("%(count)d differ") % {"count": check["differences"]}, "danger")
    return format_html_join(
        SafeString("<br>"), "{}", ((line,) for line in (found, *check["first"]))
    )
