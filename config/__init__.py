"""The project: settings, addresses, processes. Names the apps by string, imports none of them."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
