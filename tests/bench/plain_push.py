"""What the outbox is measured against: a Celery task that just calls the provider."""

from celery import shared_task

from providers.hrg.client import Client


@shared_task(name="bench.plain_push")
def plain_push(*, url: str, user_id: str) -> None:
    client = Client(base_url=url, username="bench", password="bench", agent_id="bench")
    client.create_user(user_id=user_id)
