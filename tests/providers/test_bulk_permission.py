"""What a bulk run does is done by whoever asked for it, and only while they may."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import connection

from providers import bulk_runs
from providers.models import JobAttempt, ProviderAccount
from tests.providers.bulk import account_of, ask_for, make_jobs, outcomes, work
from wallet import players
from wallet.models import AuditEvent, Channel, StaffScope, SubChannel

pytestmark = pytest.mark.django_db


class TestWhoeverAsked:
    def test_and_lost_the_permission_midway_does_no_more(
        self, account: ProviderAccount, olga: User
    ) -> None:
        run = ask_for(olga, make_jobs(account, 60))
        lease = bulk_runs.work(run_id=run.pk, seconds=0)
        olga.groups.clear()

        bulk_runs.work(run_id=run.pk, seconds=60, lease=lease)

        assert outcomes(run) == {"done": 50, "refused": 10}
        reasons = set(run.items.filter(outcome="refused").values_list("reason", flat=True))
        assert reasons == {"Whoever asked for it may not do this any more."}
        assert JobAttempt.objects.count() == 50

    @pytest.mark.parametrize("lost", ["is_active", "is_staff"])
    def test_and_works_here_no_more_does_nothing(
        self, account: ProviderAccount, olga: User, lost: str
    ) -> None:
        run = ask_for(olga, make_jobs(account, 2))
        User.objects.filter(pk=olga.pk).update(**{lost: False})

        work(run)

        assert (run.state, outcomes(run)) == ("done", {"refused": 2})
        assert JobAttempt.objects.count() == 0

    def test_does_nothing_to_jobs_out_of_their_sight(
        self, account: ProviderAccount, channel: Channel, olga: User
    ) -> None:
        seen = SubChannel.objects.create(channel=channel, number=1, name="One")
        friend = players.register(channel=channel, username="mona09", sub_channel=seen)
        (theirs,) = make_jobs(account_of(friend, account.target), 1)
        (other,) = make_jobs(account, 1)
        run = ask_for(olga, [theirs, other])
        StaffScope.objects.filter(user=olga).update(sub_channel=seen)

        work(run)

        assert dict(run.items.values_list("job", "outcome")) == {
            theirs.pk: "done",
            other.pk: "refused",
        }
        assert other.history.count() == 0

    def test_is_named_in_the_audit_trail_by_what_the_worker_changes(
        self, account: ProviderAccount, olga: User
    ) -> None:
        run = ask_for(olga, make_jobs(account, 1))

        work(run)

        ended = AuditEvent.objects.filter(
            relation="providers_bulkrun", object_id=str(run.pk), after__state="done"
        ).get()
        assert (ended.actor_id, ended.path) == (olga.pk, f"bulk run {run.pk}")
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('backoffice.actor', true)")
            assert cursor.fetchone() == ("",)
