"""The Celery application; its options are the settings that begin with ``CELERY_``."""

from celery import Celery

app = Celery("backoffice")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["config"])
