"""Actions on one object: a form shown by GET, carried out by POST.

The form opens as a dialog over the page, or as a page of its own where scripts do not run. The
object is loaded through the page's scoped queryset, so that an address typed by hand reaches
nothing that the lists would not show.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from unfold.enums import ActionVariant

from wallet.admin.errors import DOMAIN_ERRORS, explain
from wallet.admin.forms import ActionForm

Text = str | Promise
Method = Callable[[Any, HttpRequest, Any, Any], Text | HttpResponse]
Offered = Callable[[Any, HttpRequest, Any], bool]


def _always(admin: Any, request: HttpRequest, obj: Any) -> bool:
    return True


def form_action(
    *,
    description: Text,
    permission: str,
    form: type[ActionForm] = ActionForm,
    explanation: Text = "",
    submit: Text = "",
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
    url_path: str,
    offered: Offered = _always,
    errors: tuple[type[Exception], ...] = (),
) -> Callable[[Method], Any]:
    """Make ``method(self, request, obj, form)`` an action of Unfold's ``actions_detail``.

    The method answers the sentence to show when it is done, or a response of its own. What the
    domain refuses (DOMAIN_ERRORS and ``errors``) is shown in the form, and nothing is written down
    as done.
    """

    def decorate(method: Method) -> Any:
        @wraps(method)
        def view(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            obj = self.get_object(request, unquote(object_id))
            if obj is None:
                raise Http404
            if not self.has_view_permission(request, obj) or not offered(self, request, obj):
                raise PermissionDenied
            posted = request.method == "POST"
            bound = form(
                request.POST if posted else None,
                request.FILES if posted else None,
                request=request,
                obj=obj,
            )
            if posted and bound.is_valid():
                try:
                    answer = method(self, request, obj, bound)
                except (*DOMAIN_ERRORS, *errors) as error:
                    bound.add_error(None, explain(error))
                except ValidationError as error:
                    bound.add_error(None, error)
                else:
                    with translation.override("en"):
                        self.log_change(request, obj, str(description))
                    return _done(self, request, obj, answer)
            return _page(self, request, obj, bound, view)

        view.permission = permission  # type: ignore[attr-defined]
        view.short_description = description  # type: ignore[attr-defined]
        view.explanation = explanation  # type: ignore[attr-defined]
        view.submit = submit  # type: ignore[attr-defined]
        view.icon = icon  # type: ignore[attr-defined]
        view.variant = variant  # type: ignore[attr-defined]
        view.url_path = url_path  # type: ignore[attr-defined]
        view.offered = staticmethod(offered)  # type: ignore[attr-defined]
        view.attrs = {}  # type: ignore[attr-defined]
        view.dialog = True  # type: ignore[attr-defined]  # Unfold opens it over the page
        return view

    return decorate


def _back(self: Any, obj: Any) -> str:
    opts = self.model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[obj.pk])


def _done(self: Any, request: HttpRequest, obj: Any, answer: Text | HttpResponse) -> HttpResponse:
    if isinstance(answer, HttpResponse):
        return answer
    messages.success(request, str(answer))
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": _back(self, obj)})
    return HttpResponseRedirect(_back(self, obj))


def _page(
    self: Any,
    request: HttpRequest,
    obj: Any,
    form: forms.Form | None,
    view: Any,
    **more: Any,
) -> TemplateResponse:
    return TemplateResponse(
        request,
        "admin/action_form.html",
        {
            **self.admin_site.each_context(request),
            "layout": "admin/action_dialog.html"
            if request.headers.get("HX-Request")
            else "admin/base_site.html",
            "title": view.short_description,
            "explanation": view.explanation,
            "submit_text": view.submit or view.short_description,
            "danger": view.variant is ActionVariant.DANGER,
            "object": obj,
            "opts": self.model._meta,
            "form": form,
            "back": _back(self, obj),
            "media": self.media + (form.media if form else forms.Media()),
            **more,
        },
    )


def show_once(
    self: Any, request: HttpRequest, obj: Any, view: Any, *, note: Text, secret: str
) -> TemplateResponse:
    """Answer an action with a secret that is nowhere stored and never shown again."""
    return _page(self, request, obj, None, view, note=note, secret=secret)


def show_report(
    self: Any, request: HttpRequest, obj: Any, view: Any, *, template: str, **context: Any
) -> TemplateResponse:
    """Answer an action with what it found out; ``template`` shows it in the action's page."""
    return _page(self, request, obj, None, view, report=template, **context)
