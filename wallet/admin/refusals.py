"""What staff read where they may not go: why, and whom to ask."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views import defaults


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    if not _is_of_staff(request):
        return defaults.permission_denied(request, exception)
    return _page(
        request,
        403,
        title=_("You may not do this"),
        text=_(
            "Your role does not allow it, or the row is in a state that does not. An "
            "administrator can give you another role, on your page under Staff."
        ),
    )


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404."""
    if not _is_of_staff(request):
        return defaults.page_not_found(request, exception)
    return _page(
        request,
        404,
        title=_("Not found"),
        text=_(
            "There is no such page or row, or it belongs to a channel that you do not see. An "
            "administrator can let you see more channels, on your page under Staff."
        ),
    )


def _is_of_staff(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return bool(user and user.is_staff and request.path.startswith("/admin/"))


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    response = TemplateResponse(
        request,
        "admin/refusal.html",
        {**admin.site.each_context(request), **context},
        status=status,
    )
    return response.render()
