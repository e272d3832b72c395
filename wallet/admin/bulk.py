"""Actions on selected rows: asked once on a page of their own, then done one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wallet.admin.errors import DOMAIN_ERRORS, explain
from wallet.admin.forms import ActionForm

MOST: Final = 200  # that somebody can be shown, and that one request can do
MOST_REFUSALS: Final = 20  # that are named afterwards; the others keep their state to be seen


def apply_to_each(
    admin: Any,
    request: HttpRequest,
    queryset: QuerySet[Any],
    *,
    title: Any,
    form_class: type[ActionForm],
    describe: Callable[[Any], str],
    apply: Callable[[Any, dict[str, Any]], object],
    errors: tuple[type[Exception], ...] = (),
) -> HttpResponse | None:
    """Show the form with the rows; when it is confirmed, apply to each row by itself.

    What refuses one row stops none of the others; one message sums up. ``queryset`` comes from
    the change list, so it is scoped. "All rows of the list" is understood on the way to the
    page only: what is confirmed are the rows that the page named.
    """
    confirmed = "confirmed" in request.POST
    if confirmed:
        queryset = queryset.filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
    rows = list(queryset[: MOST + 1])
    if len(rows) > MOST:
        messages.error(request, _("Choose at most %(most)d rows at once.") % {"most": MOST})
        return None
    form = form_class(request.POST if confirmed else None, request=request, obj=None)
    if not confirmed or not form.is_valid():
        opts = admin.model._meta
        context = {
            **admin.admin_site.each_context(request),
            "title": title,
            "opts": opts,
            "form": form,
            "rows": [(row.pk, describe(row)) for row in rows],
            "action": request.POST["action"],
            "back": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
        }
        return TemplateResponse(request, "admin/bulk_form.html", context)
    done: list[str] = []
    refused: list[str] = []
    for row in sorted(rows, key=attrgetter("pk")):
        try:
            outcome = apply(row, form.cleaned_data)
        except (*DOMAIN_ERRORS, *errors) as error:
            refused.append(f"{describe(row)}: {explain(error)}")
        else:
            with translation.override("en"):
                admin.log_change(request, row, str(title))
            done.append(str(outcome))
    tell = messages.error if refused else messages.success
    tell(request, _summary(title, done, refused))
    return None


def _summary(title: object, done: list[str], refused: list[str]) -> SafeString:
    """How many rows were done, with which outcomes, and what refused each of the others."""
    lines = [_("%(action)s: %(count)d done.") % {"action": title, "count": len(done)}]
    lines += [f"{outcome} ({count})" for outcome, count in Counter(done).items()]
    if refused:
        lines.append(_("%(count)d refused:") % {"count": len(refused)})
        lines += refused[:MOST_REFUSALS]
    if more := len(refused[MOST_REFUSALS:]):
        lines.append(_("and %(count)d more") % {"count": more})
    return format_html_join(SafeString("<br>"), "{}", ((line,) for line in lines))
