"""Exports: asked for from a list, made in the background, fetched once they are ready."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.enums import ActionVariant

from wallet.admin import export_notices
from wallet.admin import export_words as words
from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, link, moment
from wallet.admin.export_form import ExportForm, initial_of
from wallet.admin.export_page import chosen_source, export_page, sources_for
from wallet.admin.filters import ChoicesDropdownFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.exports import delivery, jobs
from wallet.exports.sources import BadRequest
from wallet.models import Export
from wallet.scope import member


def _unfinished(self: Any, request: HttpRequest, export: Export) -> bool:
    return export.state in (Export.State.QUEUED, Export.State.RUNNING)


def _undelivered(self: Any, request: HttpRequest, export: Export) -> bool:
    return export.deliver and export.state == Export.State.DONE and not export.delivered_at


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin, KeysetAdmin):
    """One's own exports; a superuser sees everybody's."""

    keyset_order = "requested_at"
    scope_channel = None
    change_form_outer_before_template = "admin/wallet/export/progress.html"
    list_display = (
        "requested",
        "requested_by",
        "content",
        "period",
        "format",
        "state_label",
        "rows_total",
        "size_label",
        "download",
    )
    list_display_links = ("requested",)
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("requested_by", "schedule")
    actions_detail = ("cancel", "deliver_again")
    fields = (
        ("requested", "requested_by"),
        ("content", "format"),
        ("period", "filters"),
        ("state_label", "reason"),
        ("rows_total", "size_label"),
        ("finished", "expires"),
        ("schedule_link", "delivery_label"),
        ("digest", "download"),
        ("totals",),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(sources_for(request))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Asks what the file shall hold; lists lead here with their filters filled in."""
        source = chosen_source(request)
        posted = request.method == "POST"
        form = ExportForm(
            request.POST if posted else None,
            request=request,
            source=source,
            initial=initial_of(source, request.GET),
        )
        if posted and form.is_valid():
            try:
                export = jobs.request_export(user=member(request), request=form.as_request())
            except BadRequest as error:
                form.add_error(None, str(error))
            else:
                self.log_addition(request, export, "Requested")
                return HttpResponseRedirect(reverse("admin:wallet_export_change", args=[export.pk]))
        schedule = reverse("admin:wallet_exportschedule_add")
        more = {"schedule_address": f"{schedule}?{request.GET.urlencode()}"}
        if not request.user.has_perm("wallet.add_exportschedule"):
            more = {}
        return export_page(self, request, form, title=_("Export"), submit=_("Export"), **more)

    def get_fields(self, request: HttpRequest, obj: Export | None = None) -> Any:
        """Figures are for those who may see the rows."""
        fields = super().get_fields(request, obj)
        if obj is None or jobs.may_see(user=member(request), export=obj):
            return fields
        return [row for row in fields if row != ("totals",)]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        export_notices.mark_seen(request)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        export = self.get_object(request, object_id)
        if export is not None:
            export_notices.mark_seen(request, pk=export.pk)
        response: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return response

    def limit(self, request: HttpRequest, queryset: QuerySet[Export]) -> QuerySet[Export]:
        if request.user.is_superuser:
            return queryset
        return queryset.filter(requested_by=request.user.pk)

    @admin.display(description=_("requested at"))
    def requested(self, export: Export) -> str:
        return moment(export.requested_at)

    @admin.display(description=_("kept until"))
    def expires(self, export: Export) -> str:
        return moment(export.expires_at)

    @admin.display(description=_("finished at"))
    def finished(self, export: Export) -> str:
        return moment(export.finished_at)

    @admin.display(description=_("state"))
    def state_label(self, export: Export) -> str:
        return words.state_of(export)

    @admin.display(description=_("exported rows"))
    def content(self, export: Export) -> str:
        return words.title_of(export.source)

    @admin.display(description=_("period"))
    def period(self, export: Export) -> str:
        return words.days_of(export.request)

    @admin.display(description=_("filters"))
    def filters(self, export: Export) -> str:
        return words.filters_of(export.source, export.request)

    @admin.display(description=_("store"))
    def delivery_label(self, export: Export) -> str:
        return words.delivery_of(export)

    @admin.display(description=_("schedule"))
    def schedule_link(self, export: Export) -> str:
        return link(export.schedule, export.schedule.name) if export.schedule else "—"

    @admin.display(description=_("size"))
    def size_label(self, export: Export) -> str:
        return "—" if export.size is None else filesizeformat(export.size)

    @admin.display(description="SHA-256")
    def digest(self, export: Export) -> str:
        return copyable(export.sha256)

    @admin.display(description=_("file"))
    def download(self, export: Export) -> str:
        return words.download_of(export)

    @admin.display(description=_("adds up to"))
    def totals(self, export: Export) -> str:
        return words.totals_of(export)

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(require_safe(self.download_view))
        manifest = self.admin_site.admin_view(require_safe(self.manifest_view))
        progress = self.admin_site.admin_view(require_safe(self.progress_view))
        return [
            path("<int:pk>/download/", download, name="wallet_export_download"),
            path("<int:pk>/manifest/", manifest, name="wallet_export_manifest"),
            path("<int:pk>/progress/", progress, name="wallet_export_progress"),
            *super().get_urls(),
        ]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The file, while the reader may still see everything that is in it."""
        export = self._downloadable(request, pk)
        try:
            file = export.file.open()
        except FileNotFoundError:
            messages.error(request, gettext("The file is gone from the disk: export it again."))
            return HttpResponseRedirect(reverse("admin:wallet_export_change", args=[pk]))
        self.log_change(request, export, "Downloaded")
        return FileResponse(file, as_attachment=True)

    def manifest_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the file must add up to, as JSON."""
        export = self._downloadable(request, pk)
        self.log_change(request, export, "Manifest downloaded")
        name = f"{export.source}-{export.pk}.manifest.json"
        return JsonResponse(
            export.manifest,
            json_dumps_params={"indent": 2, "ensure_ascii": False},
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def _downloadable(self, request: HttpRequest, pk: int) -> Export:
        export: Export | None = self.get_object(request, str(pk))
        if export is None or not jobs.may_download(user=member(request), export=export):
            raise Http404
        return export

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The state alone, asked for again and again until the export has ended."""
        export = self.get_object(request, str(pk))
        if export is None or not self.has_view_permission(request, export):
            raise Http404
        export_notices.mark_seen(request, pk=pk)
        return TemplateResponse(request, "admin/wallet/export/progress.html", {"original": export})

    @form_action(
        description=_("Cancel export"),
        permission="wallet.view_export",
        icon="cancel",
        variant=ActionVariant.DANGER,
        url_path="cancel",
        offered=_unfinished,
        errors=(jobs.NotCancellable,),
    )
    def cancel(self, request: HttpRequest, export: Export, form: Any) -> str:
        jobs.cancel(export_id=export.pk)
        return gettext("The export was cancelled.")

    @form_action(
        description=_("Deliver again"),
        permission="wallet.change_exportschedule",
        icon="cloud_upload",
        url_path="deliver-again",
        offered=_undelivered,
    )
    def deliver_again(self, request: HttpRequest, export: Export, form: Any) -> str:
        delivery.deliver_again(export_id=export.pk)
        return gettext("The file will be delivered within seconds.")
