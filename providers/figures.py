"""How full the queues are and how fast the providers answer: figures for staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection
from django.db.models import Count, Min, QuerySet
from django.utils import timezone

from providers.models import BulkRun, BulkRunItem, ProvisioningJob
from providers.queue import OPEN

HOURS: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What was sent in one hour; durations in ms, None where nothing was sent.

    `waiting` is how many jobs were under way when it ended, or are now.
    """

    begins: datetime
    calls: int
    median: int | None
    slowest: int | None
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How many jobs of a bulk run have come to what."""

    done: int
    refused: int
    waiting: int

    @property
    def percent(self) -> int:
        """100 only once nothing waits."""
        worked_off = self.done + self.refused
        return 100 * worked_off // (worked_off + self.waiting) if self.waiting else 100


def progress_of(run: BulkRun) -> Progress:
    """Counted now, by an index."""
    counts = dict(run.items.order_by().values_list("outcome").annotate(count=Count("pk")))
    return Progress(**{outcome.value: counts.get(outcome, 0) for outcome in BulkRunItem.Outcome})


def unfinished(jobs: QuerySet[ProvisioningJob]) -> dict[str, int]:
    """How many of `jobs` are in each state but done and cancelled; reads a partial index."""
    jobs = jobs.exclude(state=ProvisioningJob.State.DONE).exclude(
        state=ProvisioningJob.State.CANCELLED
    )
    return dict(jobs.order_by().values_list("state").annotate(count=Count("pk")))


def oldest_waiting(target_id: int) -> datetime | None:
    """Since when the longest waiting job of a target waits."""
    jobs = ProvisioningJob.objects.waiting().filter(target=target_id)
    since: datetime | None = jobs.aggregate(since=Min("created_at"))["since"]
    return since


def last_hours(target_id: int) -> list[Hour]:
    """The last 24 hours of a target, oldest first; the slowest of twenty stands for the slow."""
    this_hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    first = this_hour - timedelta(hours=HOURS - 1)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT date_trunc('hour', a.at, 'UTC'), count(*),
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY a.duration_ms),
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY a.duration_ms)
              FROM providers_jobattempt a
              JOIN providers_provisioningjob j ON j.id = a.job_id
             WHERE a.at >= %s AND j.target_id = %s AND a.url <> ''
             GROUP BY 1
            """,
            [first, target_id],
        )
        calls = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_CHANGES, [first, target_id, list(OPEN), first, target_id, list(OPEN)])
        changes = dict(cursor.fetchall())
    hours = []
    waiting = ProvisioningJob.objects.filter(target=target_id, state__in=OPEN).count()
    for hour in (this_hour - timedelta(hours=number) for number in range(HOURS)):
        sent, median, slowest = calls.get(hour, (0, None, None))
        hours.append(Hour(begins=hour, calls=sent, median=median, slowest=slowest, waiting=waiting))
        waiting -= changes.get(hour, 0)
    return hours[::-1]


# By hour, how many more jobs were asked for than came to rest: with their last attempt. Those of
# today are all among the jobs under way and those whose last attempt was today.
_CHANGES: Final = """
    WITH rested AS (
        SELECT j.id, j.created_at, max(a.at) AS at
          FROM providers_jobattempt a
          JOIN providers_provisioningjob j ON j.id = a.job_id
         WHERE a.at >= %s AND j.target_id = %s AND j.state <> ALL (%s)
         GROUP BY j.id
    ), changes AS (
        SELECT created_at AS at, 1 AS change FROM rested
        UNION ALL SELECT at, -1 FROM rested
        UNION ALL SELECT created_at, 1 FROM providers_provisioningjob
         WHERE created_at >= %s AND target_id = %s AND state = ANY (%s)
    )
    SELECT date_trunc('hour', at, 'UTC'), sum(change) FROM changes GROUP BY 1
"""
