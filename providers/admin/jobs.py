"""The outbox: every push with its attempts, and what staff may do with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.enums import ActionVariant

from providers import figures, operations
from providers.admin.panels import JOB_TONES
from providers.models import (
    JobAttempt,
    ProvisioningJob,
    Target,
)
from wallet.admin import home
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin, ReadOnlyInline
from wallet.admin.bulk import apply_to_each
from wallet.admin.display import copyable, label, link, moment
from wallet.admin.filters import (
    AutocompleteFilter,
    ChoicesDropdownFilter,
    RecentFilter,
    RelatedFilter,
)
from wallet.admin.forms import ReasonForm
from wallet.admin.keyset import KeysetAdmin, KeysetChangeList
from wallet.admin.lanes import channel_lanes
from wallet.admin.name_search import SearchedByUsername
from wallet.scope import member, visible


def _stuck(request: HttpRequest) -> list[home.Alert]:
    if not request.user.has_perm("providers.view_provisioningjob"):
        return []
    jobs = visible(
        request.user, ProvisioningJob.objects.for_staff(), sub_channel="player__sub_channel"
    )
    stopped = visible(
        request.user,
        Target.objects.exclude(state=Target.State.ACTIVE),
        sub_channel="agent__sub_channel",
    )
    return [
        home.Alert(
            _("Jobs that wait for a person"),
            jobs.count(),
            reverse("admin:providers_provisioningjob_changelist")
            + "?attention=staff&created_at=all",
        ),
        home.Alert(
            _("Stopped targets"),
            stopped.count(),
            reverse("admin:providers_target_changelist"),
            urgent=True,
        ),
    ]


def _stuck_by_channel(request: HttpRequest, since: datetime) -> dict[int, int]:
    """Whenever they were made: what waits for a person today."""
    jobs = visible(
        request.user, ProvisioningJob.objects.for_staff(), sub_channel="player__sub_channel"
    )
    rows = jobs.values("channel").annotate(count=Count("pk"))
    return {row["channel"]: row["count"] for row in rows.order_by()}


home.REGISTRY.alerts.append(_stuck)
home.REGISTRY.columns.append(
    home.Column(_("stuck jobs"), "providers.view_provisioningjob", _stuck_by_channel, by_part=True)
)


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


def _at_rest(self: Any, request: HttpRequest, job: ProvisioningJob) -> bool:
    return job.state not in (
        ProvisioningJob.State.DONE,
        ProvisioningJob.State.SENDING,
        ProvisioningJob.State.CANCELLED,
    )


def _doubtful(self: Any, request: HttpRequest, job: ProvisioningJob) -> bool:
    return job.kind == ProvisioningJob.Kind.CREATE and job.state in (
        ProvisioningJob.State.CONFLICT,
        ProvisioningJob.State.UNKNOWN,
    )


@admin.register(ProvisioningJob)
class ProvisioningJobAdmin(SearchedByUsername, ReadOnlyAdmin, KeysetAdmin):
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
    scope_sub_channel = "player__sub_channel"
    inlines = (AttemptInline,)
    actions = ("retry_selected", "cancel_selected")
    list_before_template = "admin/providers/provisioningjob/counts.html"
    actions_detail = ("retry", "confirm", "cancel")
    fields = (
        ("created", "state_label"),
        ("kind", "player"),
        ("target", "channel"),
        ("account_link", "options"),
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

    def get_lanes(self, request: HttpRequest, changelist: KeysetChangeList) -> list[Q]:
        if changelist.query or request.GET.get("channel__id__exact"):
            return []
        return channel_lanes(request)

    @form_action(
        description=_("Retry"),
        explanation=_("Tries again now; what may have been carried out is verified first."),
        permission="providers.change_provisioningjob",
        form=ReasonForm,
        icon="refresh",
        variant=ActionVariant.PRIMARY,
        url_path="retry",
        offered=_at_rest,
        errors=(operations.OperationError,),
    )
    def retry(self, request: HttpRequest, job: ProvisioningJob, form: Any) -> str:
        operations.retry(
            job_id=job.pk, reason=form.cleaned_data["reason"], staff_id=member(request).pk
        )
        return gettext("The job is tried again.")

    @form_action(
        description=_("Confirm account"),
        explanation=_("Declares that the account at the provider exists and is this player's."),
        permission="providers.change_provisioningjob",
        form=ReasonForm,
        icon="task_alt",
        url_path="confirm",
        offered=_doubtful,
        errors=(operations.OperationError,),
    )
    def confirm(self, request: HttpRequest, job: ProvisioningJob, form: Any) -> str:
        operations.confirm(
            job_id=job.pk, reason=form.cleaned_data["reason"], staff_id=member(request).pk
        )
        return gettext("The account is confirmed.")

    @form_action(
        description=_("Cancel job"),
        explanation=_("Gives the job up; money that a transfer holds goes back."),
        permission="providers.change_provisioningjob",
        form=ReasonForm,
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        offered=_at_rest,
        errors=(operations.OperationError,),
    )
    def cancel(self, request: HttpRequest, job: ProvisioningJob, form: Any) -> str:
        operations.cancel(
            job_id=job.pk, reason=form.cleaned_data["reason"], staff_id=member(request).pk
        )
        return gettext("The job is cancelled.")

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

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("providers.change_provisioningjob"))

    @admin.action(description=_("Retry selected"), permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[ProvisioningJob]
    ) -> HttpResponse | None:
        return self._each(
            request, queryset, _("Retry"), operations.retry, gettext("The job is tried again.")
        )

    @admin.action(description=_("Cancel selected"), permissions=["retry"])
    def cancel_selected(
        self, request: HttpRequest, queryset: QuerySet[ProvisioningJob]
    ) -> HttpResponse | None:
        return self._each(
            request, queryset, _("Cancel job"), operations.cancel, gettext("The job is cancelled.")
        )

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[ProvisioningJob],
        title: Any,
        operation: Callable[..., None],
        outcome: str,
    ) -> HttpResponse | None:
        def apply(job: ProvisioningJob, data: dict[str, Any]) -> str:
            operation(job_id=job.pk, reason=data["reason"], staff_id=member(request).pk)
            return outcome

        return apply_to_each(
            self,
            request,
            queryset.select_related("player", "target"),
            title=title,
            form_class=ReasonForm,
            describe=lambda job: f"{job.pk} · {job.player} · {job.target}",
            apply=apply,
            errors=(operations.OperationError,),
        )
