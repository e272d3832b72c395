"""A target's queue and the speed of its answers, as figures and a chart."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from providers import figures
from providers.models import ProvisioningJob, Target

_OPTIONS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {"legend": {"display": True, "position": "bottom", "labels": {"boxWidth": 12}}},
    "scales": {
        "x": {"grid": {"display": False}, "ticks": {"maxRotation": 0, "autoSkip": True}},
        "y": {"beginAtZero": True, "ticks": {"precision": 0}},
        "ms": {"position": "right", "beginAtZero": True, "grid": {"display": False}},
    },
}


def queue_context(target: Target) -> dict[str, Any]:
    """What templates/admin/providers/target/queue.html shows."""
    counts = figures.unfinished(target.jobs.filter(channel=target.channel_id))
    hours = figures.calls_by_hour(target.pk)
    return {
        "queue_counts": [
            (state.label, state.value, counts[state.value])
            for state in ProvisioningJob.State
            if counts.get(state.value)
        ],
        "queue_oldest": figures.oldest_waiting(target.pk),
        "queue_chart": _chart(hours),
        "queue_options": json.dumps(_OPTIONS),
        "queue_calls": sum(hour.calls for hour in hours),
    }


def _chart(hours: list[figures.Hour]) -> str:
    def line(label: str, values: list[int | None], colour: str) -> dict[str, Any]:
        shade = f"var(--color-{colour})"
        return {
            "type": "line",
            "label": label,
            "data": values,
            "yAxisID": "ms",
            "borderColor": shade,
            "backgroundColor": shade,
            "pointRadius": 2,
            "spanGaps": True,
        }

    return json.dumps(
        {
            "labels": [f"{timezone.localtime(hour.begins):%H:%M}" for hour in hours],
            "datasets": [
                line(gettext("Median (ms)"), [hour.median for hour in hours], "primary-700"),
                line(gettext("Slowest 5 % (ms)"), [hour.slowest for hour in hours], "orange-500"),
                {
                    "label": gettext("Calls"),
                    "data": [hour.calls for hour in hours],
                    "backgroundColor": "var(--color-primary-300)",
                },
            ],
        }
    )
