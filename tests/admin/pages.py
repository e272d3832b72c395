"""Every address of the admin, found by asking its registry, with a row of a channel filled in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from providers.models import BulkRun
from tests.admin.world import Side
from wallet.admin.saved_filters import SavedFilters
from wallet.exports.sources import SOURCES
from wallet.models import Adjustment, Agent, Export, Player
from wallet.reports.catalogue import REPORTS


@dataclass(frozen=True)
class Address:
    """``name`` is how the table of access calls it."""

    name: str
    path: str
    data: dict[str, Any] = field(default_factory=dict)
    about_object: bool = False
    post_only: bool = False


def addresses(side: Side) -> Iterator[Address]:
    yield Address("home", reverse("admin:index"))
    yield Address("search", reverse("admin:search") + "?s=x")
    for source in SOURCES:
        path = reverse("admin:wallet_export_add") + f"?source={source}"
        yield Address(f"export of {source}", path)
    yield Address("tree of agents", reverse("admin:wallet_agent_tree"))
    yield Address("password_change", reverse("admin:password_change"))
    for report in REPORTS:
        yield Address(f"report {report}", reverse(f"admin:wallet_report_{report}"))
        path = reverse(f"admin:wallet_report_{report}") + "?format=csv"
        yield Address(f"report {report} as a file", path)
    for name in ("security", "second_factor", "second_factor_off", "recovery_codes"):
        yield Address(name, reverse(name))
    yield Address("end_other_sessions", reverse("end_other_sessions"))
    yield Address("end_session", reverse("end_session", args=[side.staff_session.pk]))
    for model, model_admin in sorted(
        admin.site._registry.items(), key=lambda item: item[0]._meta.label
    ):
        yield from _of_model(model, model_admin, side)


def _of_model(model: Any, model_admin: Any, side: Side) -> Iterator[Address]:
    opts = model._meta
    base, label = f"admin:{opts.app_label}_{opts.model_name}", opts.label_lower
    yield Address(label, reverse(f"{base}_changelist"))
    yield Address(f"{label} add", reverse(f"{base}_add"))
    if isinstance(model_admin, SavedFilters):
        data = {"query": "q=x", "name": "x"}
        yield Address(f"{label} save filters", reverse(f"{base}_save_filter"), data)
    row = side.objects[model]
    if row is None:
        return
    for action in model_admin.actions:
        name = action if isinstance(action, str) else action.__name__
        data = {"action": name, "_selected_action": row.pk}
        path = reverse(f"{base}_changelist") + "?q="
        yield Address(f"{label} selected {name}", path, data, about_object=True, post_only=True)
    for view in ("change", "history", "delete"):
        yield Address(
            f"{label} {view}", reverse(f"{base}_{view}", args=[row.pk]), about_object=True
        )
    yield from _beside(model, base, label, row)
    for action in model_admin._get_base_actions_detail():
        path = reverse(f"admin:{action.action_name}", args=[row.pk])
        yield Address(f"{label} do {action.path}", path, about_object=True)


def _beside(model: Any, base: str, label: str, row: Any) -> Iterator[Address]:
    """Pages of an object besides Django's and the actions."""
    if model is Adjustment:
        path = reverse("admin:wallet_adjustment_evidence", args=[row.pk])
        yield Address(f"{label} evidence", path, about_object=True)
    if model in (Agent, Player):
        path = reverse(f"{base}_statement_file", args=[row.pk])
        path += "?since=2026-01-01&until=2026-01-31&format=xlsx"
        yield Address(f"{label} statement", path, about_object=True)
    if model is Export:
        for view in ("download", "manifest", "progress"):
            path = reverse(f"admin:wallet_export_{view}", args=[row.pk])
            yield Address(f"{label} {view}", path, about_object=True)
    if model is BulkRun:
        for view in ("confirm", "progress"):
            path = reverse(f"{base}_{view}", args=[row.pk])
            yield Address(f"{label} {view}", path, about_object=True)
    if model is User:
        path = reverse("admin:auth_user_password_change", args=[row.pk])
        yield Address(f"{label} password", path, about_object=True)


@dataclass(frozen=True)
class Visitor:
    """Asks for pages and says in one word what came of it."""

    client: Client

    def get(self, address: Address) -> str:
        return "-" if address.post_only else _word(self.client.get(address.path))

    def post(self, address: Address) -> str:
        response: Any = self.client.post(address.path, address.data)
        if address.post_only and response.status_code == 200:
            return "open" if response.context_data.get("rows") else "nothing"
        if address.post_only and response.headers.get("Location") == address.path:
            return "nothing"
        return _word(response)


def _word(response: Any) -> str:
    """open; done (changed and sent on); no (403); gone (404, or sent home); login.

    Of a selection: nothing, where no row of it may be acted on.
    """
    if response.streaming:
        for close in response._resource_closers:
            close()
    if response.status_code == 200:
        return "open"
    if response.status_code == 302:
        target = response.headers["Location"]
        if target.startswith(reverse("admin:login")):
            return "login"
        return "gone" if target == reverse("admin:index") else "done"
    return {403: "no", 404: "gone", 405: "no"}.get(
        response.status_code, f"http {response.status_code}"
    )
