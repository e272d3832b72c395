"""Periodic work that is a management command: beat says which, cron could as well."""

from django.core.management import call_command

from config.celery import app

HOUR = 60 * 60


# Acknowledged at once: what runs longer than the broker waits would be handed out twice, and what
# is lost comes again by the schedule.
@app.task(name="config.manage", acks_late=False, soft_time_limit=HOUR, time_limit=HOUR + 60)
def manage(command: str, *arguments: str) -> None:
    """Run ``manage.py command arguments``; a command that fails fails the task."""
    call_command(command, *arguments)
