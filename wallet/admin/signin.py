"""Who signed in as staff, who tried, and where staff are signed in now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wallet.admin.actions import form_action
from wallet.admin.base import ReadOnlyAdmin
from wallet.admin.display import label, moment
from wallet.admin.filters import ChoicesDropdownFilter, PeriodFilter, RecentFilter
from wallet.admin.keyset import KeysetAdmin
from wallet.models import StaffLogin, StaffSession
from wallet.network import parse_address
from wallet.scope import member, scope_of
from wallet.signin import attempts, sessions
from wallet.signin.caller import Caller

TONES = {
    StaffLogin.Outcome.SUCCESS: "success",
    StaffLogin.Outcome.RECOVERY: "warning",
    StaffLogin.Outcome.UNLOCKED: "info",
}


class OfStaff(ReadOnlyAdmin, KeysetAdmin):
    """Rows about staff: those of oneself and of the staff members that one sees."""

    scope_channel = None
    list_select_related: Sequence[str] = ("user",)
    search_help_text = _("Username or address, whole")

    def limit(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if scope_of(request.user).everything:
            return queryset
        staff: Any = admin.site.get_model_admin(User)
        return queryset.filter(user__in=staff.get_queryset(request).order_by().values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        if address := parse_address(text):
            return queryset.filter(address=str(address)), False
        return queryset.filter(**{self.search_fields[0]: text}), False


def _is_locked(self: Any, request: HttpRequest, attempt: StaffLogin) -> bool:
    caller = Caller(parse_address(attempt.address or ""), "")
    return attempts.closed_until(username=attempt.username, caller=caller) is not None


@admin.register(StaffLogin)
class StaffLoginAdmin(OfStaff):
    keyset_order = "at"
    list_display = ("when", "username", "outcome_label", "address", "browser", "by")
    list_display_links = ("when",)
    list_filter = (("at", PeriodFilter), ("outcome", ChoicesDropdownFilter))
    list_select_related = ("user", "by")
    search_fields = ("username",)
    fields = ("when", "username", "outcome_label", "address", "browser", "by")
    actions_detail = ("unlock",)

    @admin.display(description=_("at"))
    def when(self, attempt: StaffLogin) -> str:
        return moment(attempt.at)

    @admin.display(description=_("outcome"))
    def outcome_label(self, attempt: StaffLogin) -> str:
        tone = TONES.get(StaffLogin.Outcome(attempt.outcome), "danger")
        return label(attempt.get_outcome_display(), tone)

    @form_action(
        description=_("Unlock"),
        explanation=_("The failed attempts of this name and from this address are forgotten."),
        permission="wallet.unlock_staff",
        icon="lock_open",
        url_path="unlock",
        offered=_is_locked,
    )
    def unlock(self, request: HttpRequest, attempt: StaffLogin, form: Any) -> str:
        attempts.unlock(
            username=attempt.username, address=attempt.address or None, by=member(request)
        )
        return gettext("They can try again at once.")


def _is_open(self: Any, request: HttpRequest, session: StaffSession) -> bool:
    staff: Any = admin.site.get_model_admin(User)
    allowed: bool = staff.has_change_permission(request, session.user)
    return allowed and sessions.is_open(session)


@admin.register(StaffSession)
class StaffSessionAdmin(OfStaff):
    keyset_order = "started_at"
    list_display = ("started", "user", "state", "seen", "address", "browser", "verified")
    list_display_links = ("started",)
    list_filter = (("started_at", RecentFilter),)
    search_fields = ("user__username",)
    fields = ("user", "started", "seen", "address", "browser", "verified", "state", "ended")
    actions_detail = ("end",)

    @admin.display(description=_("signed in at"))
    def started(self, session: StaffSession) -> str:
        return moment(session.started_at)

    @admin.display(description=_("last seen"))
    def seen(self, session: StaffSession) -> str:
        return moment(session.last_seen_at)

    @admin.display(description=_("ended at"))
    def ended(self, session: StaffSession) -> str:
        return moment(session.ended_at)

    @admin.display(description=_("state"))
    def state(self, session: StaffSession) -> str:
        if sessions.is_open(session):
            return label(gettext("signed in"), "success")
        return label(session.get_end_reason_display() or gettext("expired"))

    @form_action(
        description=_("End session"),
        explanation=_("The staff member has to sign in again there."),
        permission="wallet.end_staff_sessions",
        icon="logout",
        url_path="end",
        offered=_is_open,
    )
    def end(self, request: HttpRequest, session: StaffSession, form: Any) -> str:
        sessions.end(StaffSession.objects.filter(pk=session.pk), reason=StaffSession.End.STAFF)
        return gettext("The session was ended.")
