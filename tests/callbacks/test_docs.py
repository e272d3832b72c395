"""What eBET's integration staff are given."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from jsonschema import Draft202012Validator

from callbacks.docs import examples, shapes
from callbacks.docs.statuses import MEANINGS, REFUSALS
from callbacks.members import Members
from callbacks.messages import Message
from callbacks.parsing import parse_object
from callbacks.views import EVENT_VIEWS
from callbacks.views.base import EventView
from tests.callbacks.world import World

EVENTS = [view.event for view in EVENT_VIEWS]
PAYLOADS = ["login_token", "sync", "notice", "bet", "query", "refund", "batch_refund", "net_check"]


def fits(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator(schema).validate(value)


@pytest.fixture
def staff(client: Client, db: None, django_user_model: type[User]) -> Client:
    client.force_login(django_user_model.objects.create(username="anne", is_staff=True))
    return client


class TestExamples:
    @pytest.mark.parametrize("event", EVENTS)
    def test_messages_fit_their_shape(self, event: str) -> None:
        for message in examples.REQUESTS[event].values():
            fits(shapes.MESSAGES[event], message)

    @pytest.mark.parametrize("view", [each for each in EVENT_VIEWS if issubclass(each, EventView)])
    def test_messages_are_read(self, view: type[EventView[Message]]) -> None:
        for message in examples.REQUESTS[view.event].values():
            view.message_type.read(Members(parse_object(json.dumps(message).encode())))

    @pytest.mark.parametrize("event", EVENTS)
    def test_answers_and_refusals_fit_their_shape(self, event: str) -> None:
        fits(shapes.ANSWERS[event], examples.ANSWERS[event])
        for status in REFUSALS[event]:
            fits(shapes.ANSWERS[event], examples.refusal(event, status))
            assert status in MEANINGS


class TestRealAnswers:
    @pytest.mark.parametrize("payload", PAYLOADS)
    def test_fit_their_shape(self, world: World, payload: str) -> None:
        message = world.message(payload)
        event = str(message.get("event", "callback"))

        answer = json.loads(world.send(message).body)
        refusal = json.loads(world.post(f"/{event}", b"{").body)

        assert answer["status"] == 200
        fits(shapes.ANSWERS[event], answer)
        fits(shapes.ANSWERS[event], refusal)


class TestOpenApiDocument:
    def document(self, staff: Client) -> dict[str, Any]:
        response = staff.get("/docs/ebet/openapi.json")
        assert response.status_code == 200
        document: dict[str, Any] = json.loads(response.content)
        return document

    def test_is_openapi_3_1_and_names_every_event(self, staff: Client) -> None:
        document = self.document(staff)

        assert document["openapi"] == "3.1.0"
        assert list(document["paths"]) == sorted(f"/{event}" for event in EVENTS)

    def test_has_an_example_for_each_message_and_each_refusal(self, staff: Client) -> None:
        for path, methods in self.document(staff)["paths"].items():
            event = path.removeprefix("/")
            operation = methods["post"]
            asked = operation["requestBody"]["content"]["application/json"]["examples"]
            answered = operation["responses"]["200"]["content"]["application/json"]["examples"]
            assert len(asked) == len(examples.REQUESTS[event])
            assert len(answered) == 1 + len(REFUSALS[event])

    @pytest.mark.parametrize(
        "path", ["/docs/ebet/", "/docs/ebet/openapi.json", "/docs/ebet/viewer/"]
    )
    def test_only_staff_may_read(self, client: Client, db: None, path: str) -> None:
        assert client.get(path).status_code == 302

    def test_the_viewer_loads_nothing_from_elsewhere(self, staff: Client) -> None:
        html = staff.get("/docs/ebet/viewer/").content.decode()

        assert "/static/drf_spectacular_sidecar/" in html
        assert "//cdn" not in html


class TestIntegrationPage:
    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_names_addresses_statuses_and_types(self, staff: Client, language: str) -> None:
        with translation.override(language):
            title = translation.gettext("For eBET's integration staff")

        html = staff.get("/docs/ebet/", headers={"accept-language": language}).content.decode()

        assert title.replace("'", "&#x27;") in html or title in html
        assert "http://testserver/c/&lt;channelId&gt;/syncCredit" in html
        for word in ("seqNo+event+channelId+timestamp+username+money", "4026", "1003"):
            assert word in html
