"""The Celery application; its options are the settings that begin with ``CELERY_``."""

import signal
from typing import Any

from celery import Celery
from celery.signals import beat_embedded_init

from config.embedded import tether

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["config"])


@beat_embedded_init.connect
def end_with_the_worker(**kwargs: Any) -> None:
    """Task processes notice when their worker was killed; the clock inside it would tick on."""
    tether.tie(signal.SIGKILL)
