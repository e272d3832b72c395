"""The reader's time zone: chosen in the header, kept in a cookie, printed on every report."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

COOKIE = "timezone"
YEAR = 365 * 24 * 60 * 60

# Where operators and their players are; hours east of Greenwich, whole ones, since totals are
# kept by the hour.
ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Manila",
    "Asia/Singapore",
    "Asia/Bangkok",
    "Asia/Ho_Chi_Minh",
    "Asia/Jakarta",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Dubai",
    "Europe/London",
    "Europe/Malta",
    "America/New_York",
    "UTC",
)


def zone_of(request: HttpRequest) -> str:
    """The chosen zone's name, or the installation's."""
    chosen = request.COOKIES.get(COOKIE, "")
    return chosen if chosen in ZONES else settings.TIME_ZONE


def context(request: HttpRequest) -> dict[str, object]:
    """What the header shows; called by Unfold for every page."""
    return {"time_zones": ZONES, "time_zone": zone_of(request)}


class ReaderTimeZone:
    """Middleware: shows and reads times in the zone that the reader has chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(ZoneInfo(zone_of(request))):
            return self.get_response(request)


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the choice and go back to where it was made."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
        target = "/admin/"
    response = HttpResponseRedirect(target)
    chosen = request.POST.get("timezone", "")
    if chosen in ZONES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response
