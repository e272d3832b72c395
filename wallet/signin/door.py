"""Every request to the back-office is looked at, not only the one that signs in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth.models import User
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import BadRequest
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from wallet.models import SecondFactor, StaffLogin, StaffNetwork, StaffSession
from wallet.signin import attempts, sessions
from wallet.signin.caller import Caller

# Open to whoever must set up a second factor before anything else.
_SET_UP_PAGES = ("second_factor", "admin:password_change", "admin:logout", "admin:jsi18n")


class StaffDoor:
    """Middleware: allowed networks, sessions ended elsewhere, the second factor, and no NUL."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        # No text of the database can hold it: whatever page looked for it would be an error.
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise BadRequest("NUL in the address")
        return self._stopped(request) or self.get_response(request)

    def _stopped(self, request: HttpRequest) -> HttpResponse | None:
        caller = Caller.of(request)
        if not isinstance(request.user, User):
            return None if caller.is_within([]) else _refuse(request, caller, None)
        session = _session_of(request, request.user)
        if session is None or not sessions.is_open(session):
            return _sign_in_again(request)
        if not caller.is_within(session.networks):  # type: ignore[attr-defined]
            if request.path_info == reverse("admin:logout"):
                return None
            return _refuse(request, caller, request.user)
        sessions.touch(session, caller=caller)
        if session.has_factor and not session.verified:  # type: ignore[attr-defined]
            return _sign_in_again(request)
        if settings.STAFF_TWO_FACTOR and not session.verified:
            return _set_up_first(request)
        return None


def _session_of(request: HttpRequest, user: User) -> StaffSession | None:
    """The session's row and all that is to be known of its owner, in one query."""
    networks = StaffNetwork.objects.filter(user=OuterRef("user")).values("network")
    factor = SecondFactor.objects.filter(user=OuterRef("user")).exclude(confirmed_at=None)
    return (
        StaffSession.objects.filter(pk=sessions.current_id(request), user=user)
        .annotate(networks=ArraySubquery(networks), has_factor=Exists(factor))
        .first()
    )


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.info(request, _("You were signed out here. Please sign in again."))
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse('admin:login')}?{query}".rstrip("?"))


def _set_up_first(request: HttpRequest) -> HttpResponse | None:
    if request.path_info in {reverse(page) for page in _SET_UP_PAGES}:
        return None
    return HttpResponseRedirect(reverse("second_factor"))


def _refuse(request: HttpRequest, caller: Caller, user: User | None) -> HttpResponse:
    attempts.note(
        StaffLogin.Outcome.NETWORK,
        caller=caller,
        username=user.get_username() if user else "",
        user=user,
    )
    response = TemplateResponse(
        request,
        "admin/signin/refused.html",
        {
            **admin.site.each_context(request),
            "title": _("Not from here"),
            "address": caller.address,
        },
        status=403,
    )
    return response.render()
