"""What the charts of the back-office have in common."""

from __future__ import annotations

from typing import Any

_TICKS = "#7b8494"  # legible on the light page and on the dark one


def dataset(label: str, values: list[Any], colour: str, more: dict[str, Any]) -> dict[str, Any]:
    # A chart draws pixels: the one place where an amount may become a float, on its way out.
    data = [float(value) for value in values]
    shade = f"var(--color-{colour})"
    return {"label": label, "data": data, "backgroundColor": shade, "borderColor": shade, **more}


OPTIONS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {
        "legend": {
            "display": True,
            "position": "bottom",
            "labels": {"boxWidth": 12, "color": _TICKS},
        },
        "tooltip": {"enabled": True},
    },
    "scales": {
        "x": {
            "grid": {"display": False},
            "ticks": {"maxRotation": 0, "autoSkip": True, "color": _TICKS},
        },
        "y": {"grid": {"tickWidth": 0}, "ticks": {"color": _TICKS}},
    },
}
