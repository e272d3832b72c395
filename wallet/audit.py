"""Telling the database who is at work, so that its audit triggers can write it down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from wallet.network import caller_address

_SET = (
    "SELECT set_config('backoffice.actor', %s, false),"
    " set_config('backoffice.address', %s, false), set_config('backoffice.path', %s, false)"
)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_PATH_LENGTH = 200


@contextmanager
def acting(*, actor_id: int, address: str = "", path: str = "") -> Iterator[None]:
    """Attribute every change on this connection to the staff member, until the block ends.

    The settings belong to the database session: a pooler in front of the back-office has to pool
    sessions, not transactions.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SET, [str(actor_id), address, path[:_PATH_LENGTH]])
    try:
        yield
    finally:
        # A connection that broke took its settings with it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute(_SET, ["", "", ""])


class Attribution:
    """Middleware: whatever a staff member's request changes is changed in their name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user: User | AnonymousUser | None = getattr(request, "user", None)
        if request.method in _SAFE_METHODS or user is None or user.pk is None:
            return self.get_response(request)
        address = caller_address(request)
        with acting(actor_id=user.pk, address=str(address or ""), path=request.path):
            return self.get_response(request)
