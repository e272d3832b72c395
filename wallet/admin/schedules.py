"""Scheduled exports: described once, made after each day, week or month."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from wallet.admin import export_words as words
from wallet.admin.actions import form_action
from wallet.admin.base import BackOfficeAdmin
from wallet.admin.display import label, link, moment
from wallet.admin.export_form import ContentForm, initial_from, initial_of
from wallet.admin.export_page import chosen_source, export_page, sources_for
from wallet.admin.forms import choice_field
from wallet.admin.panels import Panel, Table
from wallet.exports import delivery, schedules
from wallet.exports.sources import SOURCES, BadRequest
from wallet.models import Export, ExportSchedule
from wallet.scope import member

CHANGE = "wallet.change_exportschedule"
REFUSALS = (BadRequest, PermissionDenied)
LAST_RUNS = 20


class ScheduleForm(ContentForm):
    name = forms.CharField(label=_("Name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    rule = choice_field(label=_("Rule"), choices=ExportSchedule.Rule)
    kept_days = forms.IntegerField(
        label=_("Kept for (days)"),
        initial=30,
        validators=[MinValueValidator(1), MaxValueValidator(400)],
        widget=UnfoldAdminIntegerFieldWidget,
    )
    deliver = forms.BooleanField(
        label=_("Deliver to the store"),
        required=False,
        help_text=_("The file also goes to the folder or bucket of this installation."),
    )
    field_order = ("name", "rule", "zone", "kept_days", "deliver")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not delivery.available():
            del self.fields["deliver"]

    def described(self) -> dict[str, Any]:
        """Of a valid form: what a schedule consists of."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "rule": data["rule"],
            "kept_days": data["kept_days"],
            "deliver": data.get("deliver", False),
            "request": self.content(),
        }


def _active(self: Any, request: HttpRequest, schedule: ExportSchedule) -> bool:
    return schedule.active


def _paused(self: Any, request: HttpRequest, schedule: ExportSchedule) -> bool:
    return not schedule.active


def _last_runs(schedule: ExportSchedule) -> Table:
    exports = schedule.exports.order_by("-requested_at", "-pk")[:LAST_RUNS]
    return Table(
        headers=(_("requested at"), _("period"), _("state"), _("rows"), _("store"), _("reason"),
                 _("file")),
        rows=[
            [
                link(export, moment(export.requested_at)),
                words.days_of(export.request),
                words.state_of(export),
                "—" if export.rows_total is None else f"{export.rows_total:,}",
                words.delivery_of(export),
                export.reason or "—",
                words.download_of(export),
            ]
            for export in exports
        ],
    )  # fmt: skip


RUNS = Panel(_("Last runs"), "wallet.view_exportschedule", lambda request, obj: _last_runs(obj))


@admin.register(ExportSchedule)
class ExportScheduleAdmin(BackOfficeAdmin):
    """One's own schedules; a superuser sees everybody's."""

    scope_channel = None
    deletable = True
    change_form_template = "admin/wallet/exportschedule/change_form.html"
    list_display = ("name", "content", "owner", "rule", "next_run", "state", "last_run")
    list_select_related = ("owner",)
    list_prefetch_related = (
        Prefetch(
            "exports",
            Export.objects.order_by("schedule", "-requested_at", "-pk").distinct("schedule"),
            to_attr="last_exports",
        ),
    )
    search_fields = ("name",)
    actions_detail = ("run_now", "pause", "resume")

    def limit(
        self, request: HttpRequest, queryset: QuerySet[ExportSchedule]
    ) -> QuerySet[ExportSchedule]:
        if request.user.is_superuser:
            return queryset
        return queryset.filter(owner=request.user.pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and bool(sources_for(request))

    @admin.display(description=_("exported rows"))
    def content(self, schedule: ExportSchedule) -> str:
        return words.title_of(schedule.request.get("source", ""))

    @admin.display(description=_("next run"))
    def next_run(self, schedule: ExportSchedule) -> str:
        return moment(schedule.next_at) if schedule.active else "—"

    @admin.display(description=_("state"))
    def state(self, schedule: ExportSchedule) -> str:
        if schedule.problem:
            return label(schedule.problem, "danger")
        return label(_("active"), "success") if schedule.active else label(_("paused"))

    @admin.display(description=_("last run"))
    def last_run(self, schedule: Any) -> str:
        return words.state_of(schedule.last_exports[0]) if schedule.last_exports else "—"

    # --- pages --------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        source = chosen_source(request)
        initial = initial_of(source, request.GET)
        form = ScheduleForm(_posted(request), request=request, source=source, initial=initial)
        if form.is_valid():
            try:
                schedule = schedules.schedule_export(owner=member(request), **form.described())
            except BadRequest as error:
                form.add_error(None, str(error))
            else:
                self.log_addition(request, schedule, "Scheduled")
                messages.success(request, gettext("The export is scheduled."))
                return _to(schedule)
        return export_page(self, request, form, title=_("Schedule an export"), submit=_("Save"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        schedule = self.get_object(request, object_id)
        if schedule is None:
            raise Http404
        if not self.has_change_permission(request, schedule):
            raise PermissionDenied
        source = SOURCES[schedule.request["source"]]
        initial = initial_from(source, schedule.request) | {
            name: getattr(schedule, name) for name in ("name", "rule", "kept_days", "deliver")
        }
        form = ScheduleForm(_posted(request), request=request, source=source, initial=initial)
        if form.is_valid():
            try:
                schedules.change(schedule, **form.described())
            except REFUSALS as error:
                form.add_error(None, str(error))
            else:
                self.log_change(request, schedule, "Changed")
                messages.success(request, gettext("The schedule was changed."))
                return _to(schedule)
        more = {
            "original": schedule,
            "tabs": (),
            "actions_detail": self._get_actions_navigation(
                self.actions_detail, self.get_actions_detail(request, schedule.pk), schedule.pk
            ),
            "object_links": self._links(request, schedule),
            "panel": RUNS,
            "table": _last_runs(schedule),
        }
        return export_page(self, request, form, title=schedule.name, submit=_("Save"), **more)

    def _links(self, request: HttpRequest, schedule: ExportSchedule) -> list[tuple[Any, str]]:
        links = [(_("History"), reverse("admin:wallet_exportschedule_history", args=[schedule.pk]))]
        if self.has_delete_permission(request, schedule):
            address = reverse("admin:wallet_exportschedule_delete", args=[schedule.pk])
            links.append((_("Delete"), address))
        return links

    # --- actions ------------------------------------------------------------------------------

    @form_action(
        description=_("Run now"),
        explanation=_("Makes the export of the period that ended last; the next run stays."),
        permission=CHANGE,
        icon="play_arrow",
        url_path="run-now",
        errors=REFUSALS,
    )
    def run_now(self, request: HttpRequest, schedule: ExportSchedule, form: Any) -> str:
        export = schedules.run_now(schedule)
        return gettext("Export %(number)d was asked for.") % {"number": export.pk}

    @form_action(
        description=_("Pause"),
        permission=CHANGE,
        icon="pause",
        url_path="pause",
        offered=_active,
    )
    def pause(self, request: HttpRequest, schedule: ExportSchedule, form: Any) -> str:
        schedules.pause(schedule)
        return gettext("The schedule is paused.")

    @form_action(
        description=_("Resume"),
        explanation=_("Goes on with the next period; those that were missed stay missed."),
        permission=CHANGE,
        icon="play_circle",
        url_path="resume",
        offered=_paused,
    )
    def resume(self, request: HttpRequest, schedule: ExportSchedule, form: Any) -> str:
        schedules.resume(schedule)
        return gettext("The schedule is active again.")


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _to(schedule: ExportSchedule) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:wallet_exportschedule_change", args=[schedule.pk]))
