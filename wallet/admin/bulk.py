"""Actions on selected rows: asked once on a page of their own, then done one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation

from wallet.admin.errors import DOMAIN_ERRORS, explain
from wallet.admin.forms import ActionForm


def apply_to_each(
    admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    title: Any,
    form_class: type[ActionForm],
    describe: Callable[[Any], str],
    apply: Callable[[Any, dict[str, Any]], Any],
    errors: tuple[type[Exception], ...] = (),
) -> HttpResponse | None:
    """Show the form with the rows; when it is confirmed, apply to each row by itself.

    What refuses one row stops none of the others: each outcome is a message. ``queryset`` comes
    from the change list, so it is scoped.
    """
    confirmed = "confirmed" in request.POST
    form = form_class(request.POST if confirmed else None, request=request, obj=None)
    if not confirmed or not form.is_valid():
        opts = admin.model._meta
        context = {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": opts,
            "form": form,
            "rows": [(row.pk, describe(row)) for row in queryset],
            "action": request.POST["action"],
            "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/bulk_form.html", context)
    for row in queryset.order_by("pk"):
        try:
            outcome = apply(row, form.cleaned_data)
        except (*DOMAIN_ERRORS, *errors) as error:
            messages.error(request, f"{describe(row)}: {explain(error)}")
        else:
            with translation.override("en"):
                admin.log_change(request, row, str(title))
            messages.success(request, f"{describe(row)}: {outcome}")
    return None
