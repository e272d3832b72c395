"""One address per event, at the root and once more below each channel's own prefix.

Beside them the login page for players, and the documents for staff.
"""

from django.urls import URLPattern, path, re_path

from callbacks.docs.views import integration_page, schema_view, viewer_view
from callbacks.views import EVENT_VIEWS
from callbacks.views.page import LoginPageView

_CHANNEL = r"(?P<channel_id>-?[0-9]{1,10})"

events = [path(view.event, view.as_view(), name=view.event) for view in EVENT_VIEWS]

urlpatterns: list[URLPattern] = [
    *events,
    *(
        re_path(rf"^c/{_CHANNEL}/{view.event}$", view.as_view(), name=f"channel-{view.event}")
        for view in EVENT_VIEWS
    ),
    re_path(rf"^login/{_CHANNEL}/$", LoginPageView.as_view(), name="login-page"),
    path("docs/ebet/", integration_page, name="ebet-integration"),
    path("docs/ebet/openapi.json", schema_view(events), name="ebet-schema"),
    path("docs/ebet/viewer/", viewer_view, name="ebet-viewer"),
]
