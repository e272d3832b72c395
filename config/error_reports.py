"""What an error report says: where the program broke, and nothing of what it was working on."""

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class WhereOnly(SafeExceptionReporterFilter):
    """For whoever sends Django's reports by mail or to a service.

    Local variables, forms and settings hold passwords, keys and players' data. Django would hide
    those whose name it suspects.
    """

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType
    ) -> ItemsView[str, Any]:
        return {}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return dict.fromkeys(request.POST, self.cleansed_substitute) if request else {}

    def get_safe_settings(self) -> dict[str, Any]:
        return {}
