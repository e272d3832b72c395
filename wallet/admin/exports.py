"""Exports: asked for from a list, made in the background, fetched once they are ready."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from unfold.enums import ActionVariant

from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import copyable, label, moment
from wallet.admin.export_form import ExportForm, initial_of
from wallet.admin.export_page import chosen_source, export_page, sources_for
from wallet.admin.filters import ChoicesDropdownFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.exports import jobs
from wallet.exports.sources import BadRequest
from wallet.models import Export
from wallet.scope import member

TONES = {
    "queued": "info",
    "running": "info",
    "done": "success",
    "failed": "danger",
    "cancelled": "default",
    "expired": "default",
}


def _unfinished(self: Any, request: HttpRequest, export: Export) -> bool:
    return export.state in (Export.State.QUEUED, Export.State.RUNNING)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin, KeysetAdmin):
    """One's own exports; a superuser sees everybody's."""

    keyset_order = "requested_at"
    scope_channel = None
    change_form_outer_before_template = "admin/wallet/export/progress.html"
    list_display = (
        "requested",
        "requested_by",
        "source",
        "format",
        "state_label",
        "rows_total",
        "size_label",
        "download",
    )
    list_display_links = ("requested",)
    list_filter = (("state", ChoicesDropdownFilter),)
    list_select_related = ("requested_by",)
    actions_detail = ("cancel",)
    fields = (
        ("requested", "requested_by"),
        ("source", "format"),
        ("state_label", "reason"),
        ("rows_total", "size_label"),
        ("digest", "download"),
        ("expires", "finished"),
        ("request",),
        ("manifest",),
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
        return export_page(self, request, form, title=_("Export"), submit=_("Export"))

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
        text = export.get_state_display()
        if export.state == Export.State.RUNNING:
            text = f"{text} {export.percent} %"
        return label(text, TONES[export.state])

    @admin.display(description=_("size"))
    def size_label(self, export: Export) -> str:
        return "—" if export.size is None else filesizeformat(export.size)

    @admin.display(description="SHA-256")
    def digest(self, export: Export) -> str:
        return copyable(export.sha256)

    @admin.display(description=_("file"))
    def download(self, export: Export) -> str:
        if export.state != Export.State.DONE:
            return "—"
        address = reverse("admin:wallet_export_download", args=[export.pk])
        return format_html('<a class="link" href="{}">{}</a>', address, gettext("Download"))

    def get_urls(self) -> list[URLPattern]:
        download = self.admin_site.admin_view(require_safe(self.download_view))
        progress = self.admin_site.admin_view(require_safe(self.progress_view))
        return [
            path("<int:pk>/download/", download, name="wallet_export_download"),
            path("<int:pk>/progress/", progress, name="wallet_export_progress"),
            *super().get_urls(),
        ]

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
        """The file, while the reader may still see everything that is in it."""
        export = self.get_object(request, str(pk))
        if export is None or not jobs.may_download(user=member(request), export=export):
            raise Http404
        return FileResponse(export.file.open(), as_attachment=True)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The state alone, asked for again and again until the export has ended."""
        export = self.get_object(request, str(pk))
        if export is None or not self.has_view_permission(request, export):
            raise Http404
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
