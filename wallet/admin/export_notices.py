"""Tells staff that their exports have ended: a message on the next page, a number beside the menu.

Nothing asks for it in the background: every page of the admin looks once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from wallet.admin.export_words import title_of
from wallet.models import Export

MOST = 20
_COUNT = "unseen_exports"  # of the request; the navigation shows it


class ExportNotices:
    """Middleware; needs the signed-in user and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        """For whole pages only: parts and files have nowhere to show a message."""
        if (
            request.method == "GET"
            and request.path_info.startswith("/admin/")
            and not request.headers.get("HX-Request")
            and isinstance(request.user, User)
        ):
            _tell(request, request.user)


def mark_seen(request: HttpRequest, **which: Any) -> None:
    """The reader looks at these."""
    now = timezone.now()
    ended = Export.objects.filter(requested_by=request.user.pk, seen_at=None, **which)
    seen = ended.filter(state__in=[Export.State.DONE, Export.State.FAILED]).update(
        seen_at=now, noticed_at=now
    )
    setattr(request, _COUNT, max(0, getattr(request, _COUNT, 0) - seen))


def _tell(request: HttpRequest, user: User) -> None:
    ended = list(
        Export.objects.filter(
            requested_by=user, state__in=[Export.State.DONE, Export.State.FAILED], seen_at=None
        )
        .only("source", "state", "reason", "noticed_at")
        .order_by("-pk")[:MOST]
    )
    setattr(request, _COUNT, len(ended))
    new = [export for export in ended if export.noticed_at is None]
    if not new:
        return
    Export.objects.filter(pk__in=[export.pk for export in new]).update(noticed_at=timezone.now())
    for export in reversed(new):
        address = reverse("admin:wallet_export_change", args=[export.pk])
        text = {"number": export.pk, "title": title_of(export.source)}
        if export.state == Export.State.DONE:
            say, sentence = messages.success, _("Export %(number)d is ready: %(title)s.") % text
        else:
            say, sentence = messages.error, _("Export %(number)d has failed: %(title)s.") % text
        say(request, format_html('<a class="link" href="{}">{}</a>', address, sentence))
