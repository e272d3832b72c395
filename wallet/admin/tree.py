"""A channel with its sub-channels, agents and their agents, as far as the reader sees them."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from wallet.admin.base import choices_of
from wallet.admin.keyset import READ_SECONDS
from wallet.admin.patience import at_most
from wallet.models import Agent, Channel, Player, SubChannel

MOST_AGENTS = 2000
MOST_LEVELS = 12

# (sub-channel, agent) → players
Counts = dict[tuple[int | None, int | None], int]


@dataclass(slots=True)
class Node:
    """A branch, with the address of its page. ``players`` are its ``own`` and those below."""

    title: str
    address: str = ""
    own: int = 0
    players: int = 0
    children: list[Node] = field(default_factory=list)
    more: str = ""  # a list with the branches that are too deep to be drawn


class Tree:
    """Mixed into the agents' ModelAdmin."""

    admin_site: admin.AdminSite
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.tree_view))
        mine = path("tree/", view, name="wallet_agent_tree")
        return [mine, *super().get_urls()]  # type: ignore[misc]

    def tree_view(self, request: HttpRequest) -> HttpResponse:
        """One channel's tree; the others are a click away."""
        if not request.user.has_perm("wallet.view_agent"):
            raise PermissionDenied
        channels = list(choices_of(Channel, request).order_by("pk"))
        asked = request.GET.get("channel", "")
        found = [channel for channel in channels if str(channel.pk) == asked]
        if asked and not found:
            raise Http404
        channel = (found or channels or [None])[0]
        agents = choices_of(Agent, request).filter(channel=channel).order_by("agent_id", "pk")
        counts = _counts(request, channel) if channel else None
        drawn = list(agents[:MOST_AGENTS])
        return TemplateResponse(
            request,
            "admin/wallet/agent/tree.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Tree of agents"),
                "opts": self.opts,
                "channels": channels,
                "channel": channel,
                "root": _grow(request, channel, drawn, counts or {}) if channel else None,
                "counted": counts is not None,
                "cut": agents.count() > MOST_AGENTS,
                "most": MOST_AGENTS,
            },
        )


def _grow(request: HttpRequest, channel: Channel, agents: list[Agent], counts: Counts) -> Node:
    of_agents: Counter[int | None] = Counter()
    of_parts: Counter[int | None] = Counter()
    for (sub_channel, pk), count in counts.items():
        of_agents[pk] += count
        of_parts[sub_channel] += count
    branches: dict[tuple[str, int | None], list[Agent]] = defaultdict(list)
    seen = {agent.pk for agent in agents}
    for agent in agents:
        if agent.parent_id in seen:
            branches["agent", agent.parent_id].append(agent)
        else:
            branches["sub-channel", agent.sub_channel_id].append(agent)

    def of_agent(agent: Agent, level: int) -> Node:
        below = branches["agent", agent.pk]
        node = Node(f"{agent.agent_id} {agent.name}".strip(), _page(agent))
        node.own = of_agents[agent.pk]
        if level < MOST_LEVELS:
            node.children = [of_agent(child, level + 1) for child in below]
        elif below:
            address = reverse("admin:wallet_agent_changelist")
            node.more = f"{address}?parent__id__exact={agent.pk}"
        node.players = node.own + sum(child.players for child in node.children)
        return node

    def of_part(part: Channel | SubChannel, address: str, sub_channel: int | None) -> Node:
        node = Node(str(part), address)
        node.children = [of_agent(agent, 1) for agent in branches["sub-channel", sub_channel]]
        node.own = counts.get((sub_channel, None), 0)
        node.players = of_parts[sub_channel]
        return node

    # Staff of a sub-channel see the channel's name, but not its page.
    mine = admin.site.get_model_admin(Channel).get_queryset(request)
    root = of_part(channel, _page(channel) if mine.filter(pk=channel.pk).exists() else "", None)
    sub_channels = choices_of(SubChannel, request).filter(channel=channel).order_by("number")
    root.children = [of_part(sub, _page(sub), sub.pk) for sub in sub_channels] + root.children
    root.players = sum(counts.values())
    return root


def _page(row: Agent | Channel | SubChannel) -> str:
    opts = row._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(row.pk)])


def _counts(request: HttpRequest, channel: Channel) -> Counts | None:
    """None for who sees no players, and where counting them all takes too long."""
    if not request.user.has_perm("wallet.view_player"):
        return None
    rows = (
        choices_of(Player, request)
        .filter(channel=channel)
        .order_by()
        .values_list("sub_channel", "agent")
        .annotate(players=Count("pk"))
    )
    return at_most(
        READ_SECONDS,
        lambda: {(sub_channel, agent): players for sub_channel, agent, players in rows},
    )
