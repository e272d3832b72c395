"""What the home page says of jobs and targets that wait for a person."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from providers.models import ProvisioningJob, Target
from wallet.admin import home
from wallet.scope import visible


def _stuck(request: HttpRequest) -> list[home.Alert]:
    if not request.user.has_perm("providers.view_provisioningjob"):
        return []
    jobs = visible(
        request.user, ProvisioningJob.objects.for_staff(), sub_channel="player__sub_channel"
    )
    stopped = visible(
        request.user,
        Target.objects.exclude(state=Target.State.ACTIVE),
        sub_channel="agent__sub_channel",
    )
    return [
        home.Alert(
            _("Jobs that wait for a person"),
            jobs.count(),
            reverse("admin:providers_provisioningjob_changelist")
            + "?attention=staff&created_at=all",
        ),
        home.Alert(
            _("Stopped targets"),
            stopped.count(),
            reverse("admin:providers_target_changelist"),
            urgent=True,
        ),
    ]


def _stuck_by_channel(request: HttpRequest, since: datetime) -> dict[int, int]:
    """Whenever they were made: what waits for a person today."""
    jobs = visible(
        request.user, ProvisioningJob.objects.for_staff(), sub_channel="player__sub_channel"
    )
    rows = jobs.values("channel").annotate(count=Count("pk"))
    return {row["channel"]: row["count"] for row in rows.order_by()}


home.REGISTRY.alerts.append(_stuck)
home.REGISTRY.columns.append(
    home.Column(_("stuck jobs"), "providers.view_provisioningjob", _stuck_by_channel, by_part=True)
)
