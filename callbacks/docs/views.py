"""The documents, for signed-in staff."""

from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from callbacks.authentication import SIGNED_TEXTS
from callbacks.docs.openapi import SETTINGS
from callbacks.docs.statuses import MEANINGS, PURPOSES, REFUSALS
from callbacks.movements import MOVEMENT_TYPES


def schema_view(patterns: list[Any]) -> Any:
    """The OpenAPI document of these addresses."""
    view = SpectacularJSONAPIView.as_view(patterns=patterns, custom_settings=SETTINGS)
    return staff_member_required(view)


viewer_view = staff_member_required(
    SpectacularSwaggerView.as_view(url_name="ebet-schema", title=SETTINGS["TITLE"])
)


@staff_member_required
def integration_page(request: HttpRequest) -> HttpResponse:
    """What eBET's integration staff need to know, ready to be printed or sent."""
    return render(
        request,
        "docs/ebet.html",
        {
            "base_url": request.build_absolute_uri("/"),
            "events": [
                (event, PURPOSES[event], SIGNED_TEXTS[event], sorted(map(int, statuses)))
                for event, statuses in REFUSALS.items()
            ],
            "meanings": [(int(status), text) for status, text in sorted(MEANINGS.items())],
            "movement_types": sorted(MOVEMENT_TYPES.values(), key=lambda row: row.code),
        },
    )
