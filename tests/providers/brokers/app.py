"""The product's Celery application on the broker under test, as BROKER in the environment says."""

import json
import os

from config.celery import app

__all__ = ["app"]

app.conf.update(json.loads(os.environ["BROKER"]))
