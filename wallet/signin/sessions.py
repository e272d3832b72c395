"""Where staff are signed in: one row for each browser, looked at by every request.

The row is made by Django's signal, so that no way of signing in goes without one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from wallet.models import StaffLogin, StaffSession
from wallet.signin import attempts
from wallet.signin.caller import Caller

SESSION_KEY = "staff_session"
# What the view that checked a second factor leaves on the request before it signs the user in.
FACTOR_SHOWN = "second_factor_shown"
SEEN_EVERY = timedelta(minutes=1)

End = StaffSession.End


def open_sessions(now: datetime) -> QuerySet[StaffSession]:
    """Neither ended nor older than a session may become."""
    oldest = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return StaffSession.objects.filter(ended_at=None, started_at__gt=oldest)


def is_open(session: StaffSession) -> bool:
    age = timezone.now() - session.started_at
    return session.ended_at is None and age < timedelta(seconds=settings.SESSION_COOKIE_AGE)


def current_id(request: HttpRequest) -> int:
    """The row of the request's own session; 0 where nobody is signed in."""
    number: int = request.session.get(SESSION_KEY, 0)
    return number


def touch(session: StaffSession, *, caller: Caller) -> None:
    """Remember when the session was last used and from where, to the minute."""
    now = timezone.now()
    if session.address != caller.stored_address or now - session.last_seen_at > SEEN_EVERY:
        StaffSession.objects.filter(pk=session.pk).update(
            last_seen_at=now, address=caller.stored_address
        )


def end(sessions: QuerySet[StaffSession], *, reason: StaffSession.End) -> int:
    """End those that have not ended yet; the next request of each is sent to the sign-in."""
    return sessions.filter(ended_at=None).update(ended_at=timezone.now(), end_reason=reason)


def end_others(request: HttpRequest, *, user: User, reason: StaffSession.End) -> int:
    """End all of a staff member's sessions but the one that asks."""
    theirs = StaffSession.objects.filter(user=user).exclude(pk=current_id(request))
    return end(theirs, reason=reason)


def _signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    caller = Caller.of(request)
    shown: StaffLogin.Outcome | None = getattr(request, FACTOR_SHOWN, None)
    session = StaffSession.objects.create(
        user=user,
        verified=shown is not None,
        address=caller.stored_address,
        browser=caller.browser,
    )
    request.session[SESSION_KEY] = session.pk
    attempts.note(
        shown or StaffLogin.Outcome.SUCCESS,
        caller=caller,
        username=user.get_username(),
        user=user,
    )


def _signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    end(StaffSession.objects.filter(pk=current_id(request)), reason=End.SIGNED_OUT)


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="wallet.signin")
    user_logged_out.connect(_signed_out, dispatch_uid="wallet.signin")
