"""The page between choosing jobs and the run: what was chosen, and the question why."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from providers import bulk_runs
from providers.admin.job_actions import EXPLANATIONS
from providers.admin.panels import JOB_TONES
from providers.models import BulkRun, ProvisioningJob
from wallet.admin.display import label, link, remark
from wallet.admin.forms import ReasonForm
from wallet.admin.panels import Panel, Table
from wallet.scope import member, visible

SHOWN = 20


def confirmation(page: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """One's own draft; what has been confirmed leads to its progress."""
    if not request.user.has_perm(bulk_runs.PERMISSION):
        raise PermissionDenied
    user = member(request)
    run = BulkRun.objects.filter(pk=pk, requested_by=user).first()
    if run is None:
        raise Http404
    address = reverse("admin:providers_bulkrun_change", args=[pk])
    if run.state != BulkRun.State.DRAFT:
        return HttpResponseRedirect(address)
    form = ReasonForm(request.POST if request.method == "POST" else None, request=request, obj=run)
    if form.is_valid():
        if bulk_runs.confirm(run_id=pk, user=user, reason=form.cleaned_data["reason"]):
            page.log_addition(request, run, "Confirmed")
        run.refresh_from_db()
        if run.state != BulkRun.State.DRAFT:
            return HttpResponseRedirect(address)
        form.add_error(None, gettext("The jobs were chosen too long ago: choose them again."))
    jobs = visible(
        user,
        ProvisioningJob.objects.filter(bulk_items__run=run),
        sub_channel="player__sub_channel",
    )
    return TemplateResponse(
        request,
        "admin/providers/bulkrun/confirmation.html",
        {
            **page.admin_site.each_context(request),
            "title": run.get_operation_display(),
            "explanation": EXPLANATIONS[run.operation],
            "danger": run.operation == BulkRun.Operation.CANCEL,
            "opts": page.opts,
            "run": run,
            "form": form,
            "states": _states(jobs),
            "panel": Panel(
                _("The newest of them") if run.total > SHOWN else _("Jobs"), "", _newest
            ),
            "table": _newest(request, jobs),
            "back": reverse("admin:providers_provisioningjob_changelist"),
            "media": page.media + form.media,
        },
    )


def _states(jobs: Any) -> list[tuple[str, int]]:
    counts = dict(jobs.order_by().values_list("state").annotate(count=Count("pk")))
    return [
        (label(state.label, JOB_TONES[state]), counts[state])
        for state in ProvisioningJob.State
        if state in counts
    ]


def _newest(request: HttpRequest, jobs: Any) -> Table:
    return Table(
        headers=(_("job"), _("player"), _("target"), _("state"), _("message")),
        rows=[
            [
                link(job),
                link(job.player),
                str(job.target),
                label(job.get_state_display(), JOB_TONES[job.state]),
                remark(job.message),
            ]
            for job in jobs.select_related("player", "target").order_by("-pk")[:SHOWN]
        ],
    )
