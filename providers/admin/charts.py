"""A target's queue and the speed of its answers, as figures and charts."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from providers import figures
from providers.models import ProvisioningJob, Target
from wallet.admin.charts import OPTIONS, dataset

_AXES = OPTIONS["scales"]
_COUNTS = {**_AXES["y"], "beginAtZero": True, "ticks": {**_AXES["y"]["ticks"], "precision": 0}}
_QUEUE_OPTIONS: dict[str, Any] = {**OPTIONS, "scales": {**_AXES, "y": _COUNTS}}
_CALL_OPTIONS: dict[str, Any] = {
    **OPTIONS,
    "scales": {
        **_AXES,
        "y": _COUNTS,
        "ms": {**_COUNTS, "position": "right", "grid": {"display": False}},
    },
}


def queue_context(target: Target) -> dict[str, Any]:
    """What templates/admin/providers/target/queue.html shows."""
    counts = figures.unfinished(target.jobs.filter(channel=target.channel_id))
    hours = figures.last_hours(target.pk)
    calls = sum(hour.calls for hour in hours)
    return {
        "queue_counts": [
            (state.label, state.value, counts[state.value])
            for state in ProvisioningJob.State
            if counts.get(state.value)
        ],
        "queue_oldest": figures.oldest_waiting(target.pk),
        "queue_chart": _queue(hours),
        "queue_options": json.dumps(_QUEUE_OPTIONS),
        "queue_summary": gettext("%(now)d waiting now, %(most)d at most at the end of an hour.")
        % {"now": hours[-1].waiting, "most": max(hour.waiting for hour in hours)},
        "call_chart": _calls(hours),
        "call_options": json.dumps(_CALL_OPTIONS),
        "call_summary": _summary(calls, hours),
    }


def _summary(calls: int, hours: list[figures.Hour]) -> str:
    """What the chart shows, for who cannot see it."""
    medians = [hour.median for hour in hours if hour.median is not None]
    slowest = [hour.slowest for hour in hours if hour.slowest is not None]
    if not medians:
        return gettext("No call in 24 hours.")
    return gettext(
        "%(calls)d calls. The median of an hour reached %(median)d ms, its slowest 5 %% "
        "%(slowest)d ms."
    ) % {"calls": calls, "median": max(medians), "slowest": max(slowest)}


def _queue(hours: list[figures.Hour]) -> str:
    waiting = [hour.waiting for hour in hours]
    shape = {"type": "line", "stepped": True, "pointRadius": 2}
    return json.dumps(
        {
            "labels": _labels(hours),
            "datasets": [dataset(gettext("Waiting jobs"), waiting, "orange-500", shape)],
        }
    )


def _labels(hours: list[figures.Hour]) -> list[str]:
    return [f"{timezone.localtime(hour.begins):%H:%M}" for hour in hours]


def _calls(hours: list[figures.Hour]) -> str:
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
            "labels": _labels(hours),
            "datasets": [
                line(gettext("Median (ms)"), [hour.median for hour in hours], "primary-500"),
                line(gettext("Slowest 5 % (ms)"), [hour.slowest for hour in hours], "orange-500"),
                {
                    "label": gettext("Calls"),
                    "data": [hour.calls for hour in hours],
                    "backgroundColor": "var(--color-primary-300)",
                },
            ],
        }
    )
