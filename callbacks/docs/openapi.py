"""The OpenAPI 3.1 document of the callbacks, put together from shapes, examples and statuses."""

from typing import Any, Final

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample

from callbacks.docs import examples, shapes
from callbacks.docs.statuses import MEANINGS, PURPOSES, REFUSALS
from providers.ebet.statuses import Status

SETTINGS: Final[dict[str, Any]] = {
    "TITLE": "eBET callbacks",
    "DESCRIPTION": "What eBET sends to a channel. Every understood message is answered with HTTP"
    " 200 and JSON; its status says what became of it.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
}

_JSON: Final = "application/json"


class EventSchema(AutoSchema):
    """Reads an event's tables by the name of its view's event."""

    @property
    def event(self) -> str:
        return str(self.view.event)  # type: ignore[attr-defined]

    def get_operation_id(self) -> str:
        return self.event

    def get_summary(self) -> str:
        return str(PURPOSES[self.event])

    def get_description(self) -> str:  # type: ignore[override]  # as AutoSchema has it
        return ""

    def get_tags(self) -> list[str]:
        return ["eBET → channel"]

    def get_auth(self) -> list[dict[str, Any]]:
        return []

    def get_request_serializer(self) -> Any:
        return {_JSON: shapes.MESSAGES[self.event]}

    def get_response_serializers(self) -> Any:
        answer = shapes.ANSWERS[self.event]
        return {(http_status, _JSON): answer for http_status in (200, 405, 413)}

    def get_examples(self) -> list[OpenApiExample]:
        return [
            *(
                OpenApiExample(name, value=message, request_only=True, media_type=_JSON)
                for name, message in examples.REQUESTS[self.event].items()
            ),
            self._answer("200", Status.OK, examples.ANSWERS[self.event]),
            *(
                self._answer(str(int(status)), status, examples.refusal(self.event, status))
                for status in sorted(REFUSALS[self.event])
            ),
        ]

    @staticmethod
    def _answer(name: str, status: Status, value: dict[str, Any]) -> OpenApiExample:
        return OpenApiExample(
            name,
            summary=f"{name} {MEANINGS[status]}",
            value=value,
            response_only=True,
            status_codes=["200"],
            media_type=_JSON,
        )
