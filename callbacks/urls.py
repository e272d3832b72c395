"""One address per event, at the root and once more below each channel's own prefix."""

from django.urls import URLPattern, path, re_path

from callbacks.views import EVENT_VIEWS
from callbacks.views.page import LoginPageView

_CHANNEL = r"(?P<channel_id>-?[0-9]{1,10})"

urlpatterns: list[URLPattern] = [
    re_path(rf"^login/{_CHANNEL}/$", LoginPageView.as_view(), name="login-page"),
    *(
        pattern
        for view in EVENT_VIEWS
        for pattern in (
            path(view.event, view.as_view(), name=view.event),
            re_path(
                rf"^c/{_CHANNEL}/{view.event}$",
                view.as_view(),
                name=f"channel-{view.event}",
            ),
        )
    ),
]
