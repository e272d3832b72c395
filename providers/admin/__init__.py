"""Pushes to the outside services, for staff."""

from providers.admin import accounts, channels, jobs, players, targets
from providers.admin.panels import PANELS
from wallet.admin.player_panels import PROVIDERS

PROVIDERS.panels += PANELS

__all__ = ["accounts", "channels", "jobs", "players", "targets"]
