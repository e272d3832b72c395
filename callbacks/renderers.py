"""Answers as JSON whose numbers are the tokens that we chose."""

from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer

from callbacks.parsing import write_json


class TokenJSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8; the media type has no such parameter

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return write_json(data).encode()
