"""Bulk runs: how far they are, what was refused and why, and a way to stop them."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.enums import ActionVariant

from providers import bulk_runs, figures
from providers.admin.bulk_confirmation import confirmation
from providers.admin.panels import JOB_TONES
from providers.models import BulkRun, BulkRunItem
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, link, moment, remark
from wallet.admin.filters import ChoicesDropdownFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.admin.panels import Panel, Table, paged
from wallet.scope import member, scope_of, visible

State = BulkRun.State
Outcome = BulkRunItem.Outcome
_TONES = {
    State.QUEUED: "info",
    State.RUNNING: "info",
    State.DONE: "success",
    State.STOPPED: "warning",
}


def _unfinished(self: Any, request: HttpRequest, run: BulkRun) -> bool:
    return run.state in (State.QUEUED, State.RUNNING)


def _count(outcome: Outcome) -> Coalesce:
    """Counted for the rows of a page only, by an index; of most runs there are few."""
    items = BulkRunItem.objects.filter(run=OuterRef("pk"), outcome=outcome).order_by()
    counted = items.values("run").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


@admin.register(BulkRun)
class BulkRunAdmin(ReadOnlyAdmin, KeysetAdmin):
    """One's own runs, and those whose jobs all lie in channels that one sees whole."""

    scope_channel = None
    change_form_outer_before_template = "admin/providers/bulkrun/progress.html"
    change_form_outer_after_template = "admin/providers/bulkrun/items.html"
    list_display = (
        "requested",
        "operation",
        "requested_by",
        "reason",
        "state_label",
        "total",
        "done",
        "refused",
    )
    list_display_links = ("requested",)
    list_filter = (("state", ChoicesDropdownFilter), ("operation", ChoicesDropdownFilter))
    list_select_related = ("requested_by",)
    actions_detail = ("stop",)
    fields = (
        ("requested", "requested_by"),
        ("operation", "reason"),
        ("state_label", "total"),
        ("finished", "stopped_by"),
    )

    def limit(self, request: HttpRequest, queryset: QuerySet[BulkRun]) -> QuerySet[BulkRun]:
        """Drafts are nobody's business; the page that confirms one finds it by itself."""
        queryset = queryset.exclude(state=State.DRAFT)
        scope = scope_of(request.user)
        if scope.everything:
            return queryset
        return queryset.filter(
            Q(requested_by=request.user.pk) | Q(channels__contained_by=sorted(scope.channels))
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = (
            super()
            .get_queryset(request)
            .annotate(refused_count=_count(Outcome.REFUSED), waiting_count=_count(Outcome.WAITING))
        )
        return rows

    @admin.display(description=_("requested at"))
    def requested(self, run: BulkRun) -> str:
        return moment(run.requested_at)

    @admin.display(description=_("finished at"))
    def finished(self, run: BulkRun) -> str:
        return moment(run.finished_at)

    @admin.display(description=_("state"))
    def state_label(self, run: BulkRun) -> str:
        return label(run.get_state_display(), _TONES[State(run.state)])

    @admin.display(description=_("done"))
    def done(self, run: Any) -> int:
        return int(run.total - run.refused_count - run.waiting_count)

    @admin.display(description=_("refused"))
    def refused(self, run: Any) -> int:
        return int(run.refused_count)

    def get_urls(self) -> list[URLPattern]:
        confirm = self.admin_site.admin_view(partial(confirmation, self))
        progress = self.admin_site.admin_view(require_safe(self.progress_view))
        return [
            path("<int:pk>/confirm/", confirm, name="providers_bulkrun_confirm"),
            path("<int:pk>/progress/", progress, name="providers_bulkrun_progress"),
            *super().get_urls(),
        ]

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The state alone, asked for again and again; at the end the whole page is read anew."""
        run = self.get_object(request, str(pk))
        if run is None or not self.has_view_permission(request, run):
            raise Http404
        return TemplateResponse(
            request,
            "admin/providers/bulkrun/progress.html",
            {"original": run, "progress": figures.progress_of(run)},
            headers={} if _unfinished(self, request, run) else {"HX-Refresh": "true"},
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        context = {} if run is None else _page_context(request, run)
        response: HttpResponse = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        return response

    @form_action(
        description=_("Stop"),
        explanation=_("What is not done yet stays undone; what is done stays done."),
        permission=bulk_runs.PERMISSION,
        icon="stop_circle",
        variant=ActionVariant.DANGER,
        url_path="stop",
        offered=_unfinished,
        errors=(bulk_runs.BulkRunError,),
    )
    def stop(self, request: HttpRequest, run: BulkRun, form: Any) -> str:
        bulk_runs.stop(run_id=run.pk, user=member(request))
        return gettext("The run was stopped.")


def _page_context(request: HttpRequest, run: BulkRun) -> dict[str, Any]:
    """The progress, and the items that came to what the reader looks at."""
    progress = figures.progress_of(run)
    counts = {
        outcome: getattr(progress, outcome)
        for outcome in (Outcome.REFUSED, Outcome.DONE, Outcome.WAITING)
    }
    found = {outcome: count for outcome, count in counts.items() if count}
    chosen = request.GET.get("outcome", "")
    chosen = chosen if chosen in found else next(iter(found), Outcome.DONE)
    return {
        "progress": progress,
        "outcomes": [(outcome, _name(run, outcome), count) for outcome, count in found.items()],
        "chosen": chosen,
        "panel": Panel(_("Jobs"), "", _items),
        "table": _items(request, run.items.filter(outcome=chosen), why=chosen == Outcome.REFUSED),
    }


def _name(run: BulkRun, outcome: Outcome) -> str:
    left = outcome == Outcome.WAITING and run.finished_at
    return gettext("left undone") if left else str(outcome.label)


def _items(request: HttpRequest, items: Any, *, why: bool = False) -> Table:
    """Those of jobs that the reader may see, whoever asked for the run."""
    items = visible(
        request.user, items, channel="job__channel", sub_channel="job__player__sub_channel"
    )
    rows, newer, older = paged(
        request, items.select_related("job__player", "job__target"), order=None
    )
    return Table(
        headers=(
            _("job"),
            _("player"),
            _("target"),
            _("state of the job"),
            _("at"),
            *([_("why")] if why else []),
        ),
        rows=[
            [
                link(item.job),
                link(item.job.player),
                str(item.job.target),
                label(item.job.get_state_display(), JOB_TONES[item.job.state]),
                moment(item.at),
                *([remark(item.reason)] if why else []),
            ]
            for item in rows
        ],
        newer=newer,
        older=older,
    )
