from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from wallet.models import Agent, Channel, SubChannel
from wallet.provisioning.document import UNSET, Item
from wallet.provisioning.run import Section, update

FIELDS: Final = {
    name: name for name in ("name", "api_url", "api_username", "api_password", "free_credit")
}


@dataclass
class _Agent:
    item: Item
    channel_id: int
    agent_id: str
    values: dict[str, Any]
    sub_channel: Any
    parent: Any


class Agents(Section):
    name = "agents"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rows: list[_Agent] = []

    def read(self, item: Item) -> None:
        channel_id = item.value("channel_id", Channel, "id", required=True)
        agent_id = item.value("agent_id", Agent, required=True)
        values = item.values(Agent, FIELDS)
        sub_channel = read_sub_channel(item)
        parent = (
            None if item.get("parent_id") is None else item.value("parent_id", Agent, "agent_id")
        )
        if channel_id is UNSET or agent_id is UNSET:
            return
        self.run.once(item.place, "agent", channel_id, agent_id)
        self.run.agents.add((channel_id, agent_id))
        self._rows.append(_Agent(item, channel_id, agent_id, values, sub_channel, parent))

    def check(self) -> None:
        parents = {
            (channel_id, agent_id): parent
            for channel_id, agent_id, parent in Agent.objects.filter(
                channel__in={row.channel_id for row in self._rows}
            ).values_list("channel_id", "agent_id", "parent__agent_id")
        }
        parents |= {
            (row.channel_id, row.agent_id): row.parent
            for row in self._rows
            if row.parent is not UNSET
        }
        for row in self._rows:
            if not check_channel(self, row.item, row.channel_id):
                continue
            check_sub_channel(self, row.item, row.channel_id, row.sub_channel)
            if row.parent and (row.channel_id, row.parent) not in self.run.agents:
                row.item.problem(f"there is no agent “{row.parent}”", at="parent_id")
            elif row.parent and _in_a_circle(row, parents):
                row.item.problem("would make the agent its own ancestor", at="parent_id")

    def apply(self) -> None:
        channels = {row.channel_id for row in self._rows}
        sub_channels = sub_channel_ids(channels)
        agents = {
            (agent.channel_id, agent.agent_id): agent
            for agent in Agent.objects.filter(channel__in=channels)
        }
        new = set()
        for row in self._rows:
            if row.sub_channel is not UNSET:
                row.values["sub_channel_id"] = sub_channels.get((row.channel_id, row.sub_channel))
            key = (row.channel_id, row.agent_id)
            if key not in agents:
                agents[key] = Agent.objects.create(
                    channel_id=row.channel_id, agent_id=row.agent_id, **row.values
                )
                new.add(key)
        for row in self._rows:  # now that every parent is there
            key = (row.channel_id, row.agent_id)
            if row.parent is not UNSET:
                parent = agents[row.channel_id, row.parent] if row.parent else None
                row.values["parent_id"] = parent.pk if parent else None
            changed = bool(update(agents[key], row.values))
            self.run.report.count(self.name, created=key in new, changed=changed)


def _in_a_circle(row: _Agent, parents: dict[tuple[int, str], Any]) -> bool:
    ancestor, seen = row.parent, set()
    while ancestor and ancestor not in seen:
        if ancestor == row.agent_id:
            return True
        seen.add(ancestor)
        ancestor = parents.get((row.channel_id, ancestor))
    return False


def read_sub_channel(item: Item) -> Any:
    """The number of a sub-channel; None for 0 and null, which stand for none."""
    if item.get("sub_channel_id") in (None, 0):
        return None
    return item.value("sub_channel_id", SubChannel, "number")


def sub_channel_ids(channels: set[int]) -> dict[tuple[int, int], int]:
    """The primary keys by channel and number."""
    return {
        (channel_id, number): key
        for channel_id, number, key in SubChannel.objects.filter(channel__in=channels).values_list(
            "channel_id", "number", "pk"
        )
    }


def check_channel(section: Section, item: Item, channel_id: int) -> bool:
    """Report a channel that is neither in the file nor in the database."""
    known = channel_id in section.run.currencies
    if not known:
        item.problem(f"there is no channel {channel_id}", at="channel_id")
    return known


def check_sub_channel(section: Section, item: Item, channel_id: int, number: Any) -> None:
    """Report a sub-channel that the channel has neither in the file nor in the database."""
    if number and (channel_id, number) not in section.run.sub_channels:
        item.problem(f"channel {channel_id} has no sub-channel {number}", at="sub_channel_id")
