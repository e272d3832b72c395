"""Schemathesis over the OpenAPI document: every message is answered as it says."""

from typing import Any

import schemathesis
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from callbacks.docs.openapi import SETTINGS
from callbacks.urls import events
from tests.callbacks.world import World

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def document() -> dict[str, Any]:
    with patched_settings(SETTINGS):
        generator: Any = SchemaGenerator
        generated: dict[str, Any] = generator(patterns=events).get_schema(public=True)
    return generated


schema = schemathesis.openapi.from_dict(document())


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)
def test_every_answer_is_as_documented(case: Any, world: World) -> None:
    if isinstance(case.body, dict) and isinstance(case.body.get("channelId"), int):
        case.body["channelId"] = world.channel.pk

    with world.nothing_moves():
        response = case.call(base_url=world.url)

    case.validate_response(response, checks=CHECKS)
