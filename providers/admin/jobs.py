"""The outbox: every push with its attempts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from providers import figures
from providers.admin.job_actions import JobActions
from providers.admin.panels import JOB_TONES
from providers.models import JobAttempt, ProvisioningJob
from wallet.admin.base import ReadOnlyAdmin, ReadOnlyInline
from wallet.admin.display import copyable, label, link, moment
from wallet.admin.filters import (
    AutocompleteFilter,
    ChoicesDropdownFilter,
    RecentFilter,
    RelatedFilter,
)
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.name_search import SearchedByUsername

# What an account may be asked to start with, by its name in the job.
_OPTIONS: dict[str, Promise] = {
    "balance": _("Opening balance there"),
    "freeCredit": _("Free credit there"),
}


class AttentionFilter(DropdownFilter):
    title = _("attention")
    parameter_name = "attention"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("staff", _("waiting for a person")), ("open", _("not finished"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[ProvisioningJob]
    ) -> QuerySet[ProvisioningJob]:
        match self.value():
            case "staff":
                return queryset.filter(pk__in=ProvisioningJob.objects.for_staff().values("pk"))
            case "open":
                return queryset.exclude(
                    state__in=[ProvisioningJob.State.DONE, ProvisioningJob.State.CANCELLED]
                )
        return queryset


class AttemptInline(ReadOnlyInline):
    model = JobAttempt
    verbose_name_plural = _("History")
    fields = (
        "number",
        "when",
        "decision",
        "http_status",
        "duration_ms",
        "exchange",
        "note",
        "actor",
    )
    readonly_fields = fields
    ordering = ("-pk",)

    @admin.display(description=_("at"))
    def when(self, attempt: JobAttempt) -> str:
        return moment(attempt.at)

    @admin.display(description=_("request and answer"))
    def exchange(self, attempt: JobAttempt) -> str:
        return copyable(f"{attempt.request} → {attempt.answer}" if attempt.request else "")


@admin.register(ProvisioningJob)
class ProvisioningJobAdmin(JobActions, SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
    list_display = (
        "created",
        "kind",
        "player",
        "target",
        "state_label",
        "attempts",
        "code",
        "message",
        "due",
    )
    list_display_links = ("created",)
    list_filter = (
        AttentionFilter,
        ("created_at", RecentFilter),
        ("channel", RelatedFilter),
        ("target", AutocompleteFilter),
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
    )
    list_select_related = ("player", "target", "channel")
    search_fields = ("player",)
    search_help_text = _("Beginning of the username")
    narrowed_by = ("channel__id__exact",)
    scope_sub_channel = "player__sub_channel"
    inlines = (AttemptInline,)
    list_before_template = "admin/providers/provisioningjob/counts.html"
    fields = (
        ("created", "state_label"),
        ("kind", "player"),
        ("target", "channel"),
        ("account_link", "options_text"),
        ("attempts", "in_doubt"),
        ("code", "message"),
        ("due", "finished"),
    )

    @admin.display(description=_("created at"))
    def created(self, job: ProvisioningJob) -> str:
        return moment(job.created_at)

    @admin.display(description=_("state"))
    def state_label(self, job: ProvisioningJob) -> str:
        return label(job.get_state_display(), JOB_TONES[job.state])

    @admin.display(description=_("next attempt"))
    def due(self, job: ProvisioningJob) -> str:
        return moment(job.next_attempt_at)

    @admin.display(description=_("finished at"))
    def finished(self, job: ProvisioningJob) -> str:
        return moment(job.finished_at)

    @admin.display(description=_("provider account"))
    def account_link(self, job: ProvisioningJob) -> str:
        return link(job.account)

    @admin.display(description=_("options"))
    def options_text(self, job: ProvisioningJob) -> str:
        given = (f"{_OPTIONS.get(name, name)}: {value}" for name, value in job.options.items())
        return " · ".join(given) or "—"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        counts = figures.unfinished(self.limit(request, ProvisioningJob.objects.all()))
        job_counts = [
            (state.label, state.value, counts[state.value])
            for state in ProvisioningJob.State
            if counts.get(state.value)
        ]
        return super().changelist_view(request, {"job_counts": job_counts, **(extra_context or {})})
