"""Choosing jobs and looking at runs as staff do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from providers.models import BulkRun, ProvisioningJob
from tests.admin.world import World, staff
from tests.providers.bulk import ask_for, make_jobs
from wallet.models import StaffScope

LIST = reverse("admin:providers_provisioningjob_changelist")
RUNS = reverse("admin:providers_bulkrun_changelist")


def colleague(world: World, *, elsewhere: bool = False) -> User:
    """Operations, too."""
    user = staff("colleague", role="Operations")
    side = world.elsewhere if elsewhere else world.here
    StaffScope.objects.create(user=user, channel=side.channel)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def choose(client: Client, jobs: list[ProvisioningJob], query: str = "", **more: str) -> Any:
    data = {"action": "retry_selected", "_selected_action": [job.pk for job in jobs], **more}
    return client.post(LIST + query, data)


def the_run(**values: Any) -> BulkRun:
    return BulkRun.objects.exclude(requested_by__username__startswith="maker").get(**values)


def address(run: BulkRun, view: str) -> str:
    return f"{RUNS}{run.pk}/{view}/"


def asked_by(user: User, world: World, count: int = 3) -> BulkRun:
    return ask_for(user, make_jobs(world.here.account, count))
