"""What staff may do with jobs: with one in a dialog, with many in a bulk run."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from providers import bulk_runs, operations
from providers.models import BulkRun, ProvisioningJob
from wallet.admin.actions import form_action
from wallet.admin.forms import ReasonForm, choice_field
from wallet.scope import member

State = ProvisioningJob.State


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


def _undecided(self: Any, request: HttpRequest, job: ProvisioningJob) -> bool:
    return (
        job.kind != ProvisioningJob.Kind.CREATE
        and job.in_doubt
        and job.next_attempt_at is None
        and job.state in (State.CONFLICT, State.UNKNOWN)
    )


class DecisionForm(ReasonForm):
    carried_out = choice_field(
        label=_("What the provider says"),
        choices=[
            ("", "—"),
            ("yes", _("it carried the transfer out")),
            ("no", _("it did not carry it out")),
        ],
    )
    field_order = ("carried_out", "reason")


EXPLANATIONS: dict[str, Promise] = {
    BulkRun.Operation.RETRY: _(
        "Tries again now; what may have been carried out is verified first."
    ),
    BulkRun.Operation.CANCEL: _("Gives the job up; money that a transfer holds goes back."),
}


class JobActions:
    """Goes before the ModelAdmin."""

    actions = ("retry_selected", "cancel_selected")
    actions_detail = ("retry", "confirm", "decide", "cancel")

    @form_action(
        description=_("Retry"),
        explanation=EXPLANATIONS[BulkRun.Operation.RETRY],
        permission=bulk_runs.PERMISSION,
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
        permission=bulk_runs.PERMISSION,
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
        description=_("Decide transfer"),
        explanation=_(
            "For a transfer that nothing else clears up: ask the provider's people. If it was "
            "carried out it is booked, else the money goes back. Whoever asked for the transfer "
            "cannot decide it."
        ),
        permission="providers.decide_transfer",
        form=DecisionForm,
        icon="gavel",
        variant=ActionVariant.DANGER,
        url_path="decide",
        offered=_undecided,
        errors=(operations.OperationError,),
    )
    def decide(self, request: HttpRequest, job: ProvisioningJob, form: Any) -> str:
        operations.decide(
            job_id=job.pk,
            carried_out=form.cleaned_data["carried_out"] == "yes",
            reason=form.cleaned_data["reason"],
            staff_id=member(request).pk,
        )
        return gettext("The transfer is decided.")

    @form_action(
        description=_("Cancel job"),
        explanation=EXPLANATIONS[BulkRun.Operation.CANCEL],
        permission=bulk_runs.PERMISSION,
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

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(bulk_runs.PERMISSION))

    @admin.action(description=_("Retry selected"), permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, queryset: QuerySet[ProvisioningJob]
    ) -> HttpResponse | None:
        return _draft(request, queryset, BulkRun.Operation.RETRY)

    @admin.action(description=_("Cancel selected"), permissions=["retry"])
    def cancel_selected(
        self, request: HttpRequest, queryset: QuerySet[ProvisioningJob]
    ) -> HttpResponse | None:
        return _draft(request, queryset, BulkRun.Operation.CANCEL)


def _draft(
    request: HttpRequest, jobs: QuerySet[ProvisioningJob], operation: BulkRun.Operation
) -> HttpResponse | None:
    """Ask for the reason on a page of its own; the list has limited `jobs` to the scope."""
    try:
        run = bulk_runs.draft(
            user=member(request), operation=operation, jobs=jobs, language=get_language() or "en"
        )
    except bulk_runs.BulkRunError as error:
        messages.error(request, str(error))
        return None
    return HttpResponseRedirect(reverse("admin:providers_bulkrun_confirm", args=[run.pk]))
