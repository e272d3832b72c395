"""Pushes to the outside services, for staff."""

from providers.admin import accounts, bulk_runs, channels, job_alerts, jobs, players, targets
from providers.admin.panels import PANELS
from wallet.admin.player_panels import PROVIDERS

PROVIDERS.panels += PANELS

__all__ = ["accounts", "bulk_runs", "channels", "job_alerts", "jobs", "players", "targets"]
