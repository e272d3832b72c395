"""Dialogs on one object, beyond who may use which: tests/admin/access.csv says that."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from tests.admin.world import World, staff
from wallet.admin.filters import AutocompleteFilter
from wallet.models import StaffScope


@pytest.fixture
def world(db: None) -> World:
    return World()


class TestAnActionOfAPageThatStaffMayNotOpen:
    def test_is_refused_whatever_else_they_may(self, world: World) -> None:
        opened = []
        registered: dict[Any, Any] = admin.site._registry
        for model, model_admin in registered.items():
            row: Any = world.here.objects[model]
            for action in model_admin._get_base_actions_detail() if row else ():
                permission = getattr(action.method, "permission", "")
                if not permission:
                    continue
                client = self._holder_of(permission)
                page = reverse(
                    f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[row.pk]
                )
                address = reverse(f"admin:{action.action_name}", args=[row.pk])
                if client.get(page).status_code == 403 and client.get(address).status_code == 200:
                    opened.append(address)

        assert opened == []

    def _holder_of(self, permission: str) -> Client:
        app, codename = permission.split(".")
        user = User.objects.filter(username=codename).first() or staff(codename)
        StaffScope.objects.get_or_create(user=user, channel_id=7001)
        user.user_permissions.set(
            Permission.objects.filter(content_type__app_label=app, codename=codename)
        )
        client = Client()
        client.force_login(user)
        return client


class TestTheSearch:
    @pytest.mark.parametrize(
        "model", admin.site._registry, ids=lambda model: str(model._meta.label)
    )
    def test_of_a_list_finds_nothing_rather_than_failing(self, world: World, model: type) -> None:
        client = Client()
        client.force_login(world.superuser)
        opts = model._meta  # type: ignore[attr-defined]

        page = client.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist") + "?q=x1")

        assert page.status_code == 200

    def test_of_every_filter_that_completes_names_answers(self, world: World) -> None:
        client = Client()
        client.force_login(world.superuser)
        answered = {}
        registered: dict[Any, Any] = admin.site._registry
        for model, model_admin in registered.items():
            for listed in model_admin.list_filter:
                if not isinstance(listed, tuple) or listed[1] is not AutocompleteFilter:
                    continue
                *way, name = listed[0].split("__")
                holder: Any = model
                for step in way:
                    holder = holder._meta.get_field(step).related_model
                query = {
                    "app_label": holder._meta.app_label,
                    "model_name": holder._meta.model_name,
                    "field_name": name,
                    "term": "x1",
                }
                answer = client.get(reverse("admin:autocomplete"), query)
                answered[f"{model._meta.label}.{listed[0]}"] = answer.status_code

        assert set(answered.values()) == {200}, answered
