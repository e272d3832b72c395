"""Channels, agents, players and staff as an operator describes them in a JSON file."""

from wallet.provisioning.agents import Agents
from wallet.provisioning.channels import Channels
from wallet.provisioning.document import UNSET, Item
from wallet.provisioning.players import Players
from wallet.provisioning.run import ProvisioningFailed, Report, Section, provision, update
from wallet.provisioning.staff import Staff

__all__ = [
    "UNSET",
    "Agents",
    "Channels",
    "Item",
    "Players",
    "ProvisioningFailed",
    "Report",
    "Section",
    "Staff",
    "provision",
    "update",
]
