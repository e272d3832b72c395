"""Agents: a tree, with the account at the agent API that may hang on each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from wallet.admin.base import BackOfficeAdmin
from wallet.admin.filters import RelatedFilter
from wallet.admin.forms import ModelForm
from wallet.admin.statements import Statements
from wallet.admin.tree import Tree
from wallet.models import Agent


class AgentForm(ModelForm):
    new_secret = forms.CharField(
        label=_("New agent API secret"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Stored encrypted and never shown again. Empty: it stays as it is."),
    )

    class Meta:
        model = Agent
        fields = (
            "channel",
            "agent_id",
            "name",
            "sub_channel",
            "parent",
            "api_url",
            "api_username",
            "free_credit",
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        channel = data.get("channel") or getattr(self.instance, "channel", None)
        for name in ("sub_channel", "parent"):
            related = data.get(name)
            if related and channel and related.channel_id != channel.pk:
                self.add_error(name, _("It belongs to another channel."))
        if self._parent_below(data.get("parent")):
            self.add_error("parent", _("An agent cannot stand below itself."))
        return data

    def save(self, commit: bool = True) -> Agent:  # noqa: FBT001, FBT002  Django's signature
        if self.cleaned_data["new_secret"]:
            self.instance.api_password = self.cleaned_data["new_secret"]
        agent: Agent = super().save(commit)
        return agent

    def _parent_below(self, parent: Agent | None) -> bool:
        seen: set[int] = set()
        while parent is not None and parent.pk not in seen:
            if parent.pk == self.instance.pk:
                return True
            seen.add(parent.pk)
            parent = parent.parent
        return False


@admin.register(Agent)
class AgentAdmin(Tree, Statements, BackOfficeAdmin):
    list_before_template = "admin/wallet/agent/tree_link.html"
    form = AgentForm
    list_display = ("agent_id", "name", "channel", "sub_channel", "parent", "has_account")
    list_filter = (("channel", RelatedFilter), ("sub_channel", RelatedFilter))
    list_select_related = ("channel", "sub_channel", "parent")
    linked_lookups = ("parent",)
    search_fields = ("agent_id__istartswith", "name__istartswith")
    search_help_text = _("Beginning of the agent ID or of the name")
    ordering = ("channel", "agent_id")
    autocomplete_fields = ("parent",)
    actions_detail = ("statement",)
    scope_sub_channel = "sub_channel"
    fieldsets = (
        (None, {"fields": ("channel", "agent_id", "name", "sub_channel", "parent")}),
        (
            _("Agent API"),
            {"fields": ("api_url", "api_username", "new_secret", "free_credit")},
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Agent | None = None
    ) -> tuple[str, ...]:
        return () if obj is None else ("channel", "agent_id")

    @admin.display(description=_("agent API account"))
    def has_account(self, agent: Agent) -> str:
        return agent.api_username or "—"
