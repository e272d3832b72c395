"""Judging attempts to sign in. Each is written down; guessing closes the door for a while.

Failures count for the username, until it signs in or is unlocked, and for the address. Both counts
look back STAFF_LOCKOUT_MINUTES.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wallet.db import fetch_row
from wallet.models import StaffLogin, StaffNetwork
from wallet.signin import factor
from wallet.signin.caller import Caller

logger = logging.getLogger(__name__)

Outcome = StaffLogin.Outcome
GUESSES = (Outcome.WRONG_PASSWORD, Outcome.WRONG_CODE, Outcome.INACTIVE)
# Of a door that is closed already, one line a minute is enough.
_REPEAT = timedelta(minutes=1)


class NotSignedIn(Exception):
    """Nobody was let in; the text says what to do."""


def check_password(*, request: HttpRequest, username: str, password: str) -> User:
    """The staff member of this name and password. Raises NotSignedIn."""
    caller = Caller.of(request)
    with _one_at_a_time(username, caller):
        user, refusal = _judge_password(request, username, password, caller)
        if refusal:
            note(refusal, caller=caller, username=username, user=_named(username))
    if refusal or user is None:
        raise NotSignedIn(_sentence(refusal, username, caller))
    return user


def check_code(*, user: User, code: str, caller: Caller) -> StaffLogin.Outcome:
    """SUCCESS or RECOVERY. Raises NotSignedIn."""
    username = user.get_username()
    accepted: StaffLogin.Outcome | None = None
    with _one_at_a_time(username, caller):
        refusal = Outcome.LOCKED if closed_until(username=username, caller=caller) else None
        if refusal is None:
            accepted = factor.accept(user=user, code=code)
            refusal = None if accepted else Outcome.WRONG_CODE
        if refusal:
            note(refusal, caller=caller, username=username, user=user)
    if accepted is None:
        raise NotSignedIn(_sentence(refusal, username, caller))
    return accepted


def closed_until(*, username: str, caller: Caller) -> datetime | None:
    """When the door opens again for this name from this address; None while it is open."""
    of_name = _open_moment(
        StaffLogin.objects.filter(username=username),
        resets=(Outcome.SUCCESS, Outcome.RECOVERY, Outcome.UNLOCKED),
        limit=settings.STAFF_FAILURES_PER_USER,
    )
    of_address = _open_moment(
        StaffLogin.objects.filter(address=caller.stored_address).exclude(address=None),
        resets=(Outcome.UNLOCKED,),
        limit=settings.STAFF_FAILURES_PER_ADDRESS,
    )
    return max((moment for moment in (of_name, of_address) if moment), default=None)


def unlock(*, username: str, address: str | None, by: User) -> None:
    """Forget the failures of a name, of an address, or of both."""
    StaffLogin.objects.create(
        outcome=Outcome.UNLOCKED, username=username, user=_named(username), address=address, by=by
    )


def note(
    outcome: StaffLogin.Outcome, *, caller: Caller, username: str, user: User | None
) -> StaffLogin | None:
    """Write an attempt down, and say it in the log unless all went well."""
    row = StaffLogin(
        user=user,
        username=username[:150],
        outcome=outcome,
        address=caller.stored_address,
        browser=caller.browser,
    )
    if outcome in {Outcome.LOCKED, Outcome.NETWORK}:
        same = StaffLogin.objects.filter(address=row.address, outcome=outcome, user=user)
        if same.filter(at__gt=timezone.now() - _REPEAT).exists():
            return None
    row.save()
    if outcome not in {Outcome.SUCCESS, Outcome.RECOVERY}:
        logger.warning("Sign-in of %r from %s refused: %s", username, caller.address, outcome)
    return row


def _judge_password(
    request: HttpRequest, username: str, password: str, caller: Caller
) -> tuple[User | None, StaffLogin.Outcome | None]:
    if closed_until(username=username, caller=caller):
        return None, Outcome.LOCKED
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User):
        known = _named(username)
        if known and not known.is_active and known.check_password(password):
            return None, Outcome.INACTIVE
        return None, Outcome.WRONG_PASSWORD
    if not user.is_staff:
        return None, Outcome.INACTIVE
    networks = StaffNetwork.objects.filter(user=user).values_list("network", flat=True)
    if not caller.is_within(networks):
        return None, Outcome.NETWORK
    return user, None


def _sentence(refusal: StaffLogin.Outcome | None, username: str, caller: Caller) -> str:
    closed = closed_until(username=username, caller=caller)
    if refusal == Outcome.LOCKED or (closed and refusal in GUESSES):
        minutes = _minutes_until(closed)
        return ngettext(
            "Too many failed attempts. Wait %(minutes)s minute, or ask an administrator to unlock"
            " you.",
            "Too many failed attempts. Wait %(minutes)s minutes, or ask an administrator to unlock"
            " you.",
            minutes,
        ) % {"minutes": minutes}
    match refusal:
        case Outcome.WRONG_CODE:
            return _("The code is wrong or was used already. Wait for the next one and try again.")
        case Outcome.INACTIVE:
            return _("This account is switched off. Ask an administrator.")
        case Outcome.NETWORK:
            return _(
                "You may not sign in from %(address)s. Use your office's network, or ask an "
                "administrator to allow this one."
            ) % {"address": caller.address}
    return _("The username or the password is wrong. Mind capital letters.")


def _minutes_until(moment: datetime | None) -> int:
    if moment is None:
        return 1
    return max(1, -int((timezone.now() - moment).total_seconds() // 60))


def _open_moment(
    rows: QuerySet[StaffLogin], *, resets: tuple[StaffLogin.Outcome, ...], limit: int
) -> datetime | None:
    window = timedelta(minutes=settings.STAFF_LOCKOUT_MINUTES)
    recent = rows.filter(at__gt=timezone.now() - window)
    reset = recent.filter(outcome__in=resets).aggregate(last=Max("pk"))["last"] or 0
    failures = recent.filter(outcome__in=GUESSES, pk__gt=reset)
    moments = list(failures.order_by("-at").values_list("at", flat=True)[:limit])
    return moments[-1] + window if len(moments) == limit else None


def _named(username: str) -> User | None:
    return User.objects.filter(username=username).first()


@contextmanager
def _one_at_a_time(username: str, caller: Caller) -> Iterator[None]:
    """Guesses made at the same moment are judged one after the other, so that each is counted."""
    with transaction.atomic():
        for key in (f"staff address {caller.address}", f"staff name {username}"):
            fetch_row("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        yield
