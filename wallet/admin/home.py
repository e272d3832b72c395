"""The home page: today's figures, the last days as charts, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet import totals
from wallet.admin.adjustments import waiting_for
from wallet.admin.base import choices_of
from wallet.admin.display import format_money, money
from wallet.models import Adjustment, Channel, PlayerSession, Verification, Wallet
from wallet.scope import scope_of, visible

Text = str | Promise
CHART_DAYS = 30
TICKS = "#7b8494"  # legible on the light page and on the dark one
ON_LINE = timedelta(minutes=5)
NO_FIGURES = totals.Figures(0, *[Decimal(0)] * 4)


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that waits for a person; ``link`` shows it."""

    text: Text
    count: int
    link: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A figure of today that another app knows, by channel number."""

    title: Text
    permission: str
    count: Callable[[HttpRequest, datetime], dict[int, int]]


@dataclass(slots=True)
class Registry:
    """What other apps add to the home page."""

    alerts: list[Callable[[HttpRequest], Sequence[Alert]]] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)


REGISTRY = Registry()


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Fill the template of the home page; called by Unfold."""
    channels = _whole_channels(request)
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    shown = request.user.has_perm("wallet.view_ledgerentry")
    return {
        **context,
        "title": _("Home"),
        "alerts": [alert for alert in _alerts(request) if alert.count],
        "today": _today(request, channels, midnight) if shown else None,
        "charts": _charts(channels) if shown else [],
        "rolled_at": totals.rolled_at(),
        "figures_shown": shown,
    }


def _whole_channels(request: HttpRequest) -> dict[int, Channel]:
    """Totals are kept by channel, so staff of a sub-channel see none."""
    scope = scope_of(request.user)
    channels = choices_of(Channel, request).order_by("pk")
    if not scope.everything:
        channels = channels.filter(pk__in=scope.channels)
    return {channel.pk: channel for channel in channels}


def _today(
    request: HttpRequest, channels: dict[int, Channel], midnight: datetime
) -> dict[str, Any]:
    figures = totals.by_channel(channels=channels, since=midnight)
    for number, channel in channels.items():
        if not any(key[0] == number for key in figures):
            figures[number, channel.currency] = NO_FIGURES
    sessions = PlayerSession.objects.filter(channel__in=channels)
    active = _players(sessions.filter(last_used_at__gte=midnight))
    on_line = _players(sessions.filter(last_used_at__gte=timezone.now() - ON_LINE, ended_at=None))
    columns = [one for one in REGISTRY.columns if request.user.has_perm(one.permission)]
    counts = [one.count(request, midnight) for one in columns]
    return {
        "headers": [
            _("channel"),
            _("currency"),
            _("bets"),
            _("stakes"),
            _("winnings"),
            _("gross revenue"),
            _("deposits"),
            _("withdrawals"),
            _("active players"),
            _("on line"),
            *[one.title for one in columns],
        ],
        "rows": [
            [
                str(channels[number]),
                currency,
                f"{row.bets:,}",
                money(row.stakes),
                money(row.winnings),
                money(row.revenue, signed=True),
                money(row.deposits),
                money(row.withdrawals),
                active.get(number, 0),
                on_line.get(number, 0),
                *[count.get(number, 0) for count in counts],
            ]
            for (number, currency), row in sorted(figures.items())
        ],
        "on_line": sum(on_line.values()),
    }


def _players(sessions: Any) -> dict[int, int]:
    rows = sessions.values("channel").annotate(players=Count("player", distinct=True))
    return {row["channel"]: row["players"] for row in rows.order_by()}


def _charts(channels: dict[int, Channel]) -> list[dict[str, Any]]:
    """One chart a currency: stakes and winnings as bars, revenue as a line."""
    first = timezone.localdate() - timedelta(days=CHART_DAYS - 1)
    days = [first + timedelta(days=number) for number in range(CHART_DAYS)]
    since = timezone.make_aware(datetime.combine(first, time.min))
    zone = ZoneInfo(timezone.get_current_timezone_name())
    figures = totals.by_day(channels=channels, since=since, zone=zone)
    currencies = sorted({currency for _day, currency in figures})
    charts = []
    for currency in currencies:
        series = [figures.get((day, currency), NO_FIGURES) for day in days]
        bar = {"borderRadius": 3, "order": 2}
        line = {"type": "line", "tension": 0.3, "pointRadius": 0, "borderWidth": 2, "order": 1}
        datasets = [
            _dataset(gettext("Stakes"), [row.stakes for row in series], "primary-600", bar),
            _dataset(gettext("Winnings"), [row.winnings for row in series], "primary-300", bar),
            _dataset(gettext("Gross revenue"), [row.revenue for row in series], "orange-500", line),
        ]
        revenue = sum((row.revenue for row in series), Decimal(0))
        charts.append(
            {
                "currency": currency,
                "data": json.dumps(
                    {"labels": [f"{day:%m-%d}" for day in days], "datasets": datasets}
                ),
                "options": json.dumps(_CHART_OPTIONS),
                "summary": gettext("Gross revenue of %(days)d days: %(amount)s %(currency)s")
                % {"days": CHART_DAYS, "amount": format_money(revenue), "currency": currency},
            }
        )
    return charts


def _dataset(label: str, values: list[Any], colour: str, more: dict[str, Any]) -> dict[str, Any]:
    # A chart draws pixels: the one place where an amount may become a float, on its way out.
    data = [float(value) for value in values]
    shade = f"var(--color-{colour})"
    return {"label": label, "data": data, "backgroundColor": shade, "borderColor": shade, **more}


_CHART_OPTIONS: dict[str, Any] = {
    "animation": False,
    "maintainAspectRatio": False,
    "interaction": {"mode": "index", "intersect": False},
    "plugins": {
        "legend": {
            "display": True,
            "position": "bottom",
            "labels": {"boxWidth": 12, "color": TICKS},
        },
        "tooltip": {"enabled": True},
    },
    "scales": {
        "x": {
            "grid": {"display": False},
            "ticks": {"maxRotation": 0, "autoSkip": True, "color": TICKS},
        },
        "y": {"grid": {"tickWidth": 0}, "ticks": {"color": TICKS}},
    },
}


def _alerts(request: HttpRequest) -> list[Alert]:
    alerts = []
    user = request.user
    if user.has_perm("wallet.approve_adjustment"):
        mine = visible(user, Adjustment.objects.all(), sub_channel="wallet__player__sub_channel")
        alerts.append(
            Alert(
                _("Adjustments waiting for you"),
                waiting_for(request, mine).count(),
                reverse("admin:wallet_adjustment_changelist") + "?queue=mine&created_at=all",
            )
        )
    if user.has_perm("wallet.view_wallet"):
        negative = visible(user, Wallet.objects.all(), sub_channel="player__sub_channel")
        alerts.append(
            Alert(
                _("Wallets below zero"),
                negative.filter(balance__lt=0).count(),
                reverse("admin:wallet_wallet_changelist") + "?balance=negative",
                urgent=True,
            )
        )
    if user.has_perm("wallet.view_verification"):
        last = visible(user, Verification.objects.all(), channel="channel_number")
        run = last.order_by("-started_at").first()
        alerts.append(
            Alert(
                _("The last verification of the ledger found differences"),
                int(run is not None and not run.passed),
                reverse("admin:wallet_verification_changelist"),
                urgent=True,
            )
        )
    for more in REGISTRY.alerts:
        alerts += more(request)
    return alerts
