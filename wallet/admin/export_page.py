"""The page that asks what an export shall hold, once or by a schedule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from wallet.admin.export_form import ContentForm
from wallet.admin.export_links import LEFT_OUT
from wallet.exports.filters import Kind
from wallet.exports.sources import SOURCES, Source


def sources_for(request: HttpRequest) -> dict[str, Source]:
    """What the staff member may export."""
    return {
        name: source
        for name, source in SOURCES.items()
        if request.user.has_perms(source.permissions)
    }


def chosen_source(request: HttpRequest) -> Source:
    """What the address names, or the first. Raises PermissionDenied."""
    offered = sources_for(request)
    wanted = request.GET.get("source") or next(iter(offered), "")
    if wanted not in offered:
        raise PermissionDenied
    return offered[wanted]


def export_page(
    page: Any, request: HttpRequest, form: ContentForm, *, title: Any, submit: Any, **more: Any
) -> TemplateResponse:
    """The form with its fields in groups, below a tab for each kind of content."""
    opts = page.model._meta
    return TemplateResponse(
        request,
        "admin/wallet/export/form.html",
        {
            **page.admin_site.each_context(request),
            "title": title,
            "submit_text": submit,
            "opts": opts,
            "form": form,
            "groups": list(_groups(form)),
            "tabs": sources_for(request).values(),
            "source": form.source,
            "left_out": request.GET.getlist(LEFT_OUT),
            "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
            "media": page.media + form.media,
            **more,
        },
    )


def _groups(form: ContentForm) -> Iterator[tuple[str, list[BoundField], list[BoundField]]]:
    """Title, short fields, and those that need the page's width."""
    wide = [name for name in form.conditions if form.source.filters[name].kind is Kind.CHOICES] + [
        "columns"
    ]
    content = {*form.conditions, "columns", "format", "bom"}
    for title, names in (
        (_("When"), [name for name in form.fields if name not in content]),
        (_("Which rows"), form.conditions),
        (_("File"), ["format", "bom", "columns"]),
    ):
        known = [name for name in names if name in form.fields]
        yield (
            title,
            [form[name] for name in known if name not in wide],
            [form[name] for name in known if name in wide],
        )
