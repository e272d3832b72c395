"""What administrators do about a colleague's sign-in, on the colleague's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant

from wallet.admin.actions import form_action
from wallet.admin.base import BackOfficeInline
from wallet.models import StaffNetwork, StaffSession
from wallet.scope import member
from wallet.signin import attempts, factor, sessions
from wallet.signin.caller import Caller

if TYPE_CHECKING:
    _FormSet = BaseInlineFormSet[StaffNetwork, User, Any]
else:
    _FormSet = BaseInlineFormSet


class NetworkFormSet(_FormSet):
    request: HttpRequest

    def clean(self) -> None:
        """Nobody locks themselves out."""
        super().clean()
        if self.instance.pk != self.request.user.pk or any(self.errors):
            return
        kept = [
            form.cleaned_data["network"]
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        caller = Caller.of(self.request)
        if not caller.is_within(kept):
            raise ValidationError(
                gettext("You would lock yourself out: you are working from %(address)s.")
                % {"address": caller.address}
            )


class NetworkInline(BackOfficeInline):
    """From where the staff member may work."""

    model = StaffNetwork
    fields = ("network",)
    verbose_name_plural = _("works only from these networks")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        kwargs["formset"] = type("Networks", (NetworkFormSet,), {"request": request})
        return super().get_formset(request, obj, **kwargs)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _is_not_ones_own(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_not_ones_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = request.user.has_perm("wallet.delete_staffnetwork")
        return allowed and _is_not_ones_own(request, obj)


def _is_not_ones_own(request: HttpRequest, user: Any) -> bool:
    """Where one may work from is for others to say."""
    return user is None or user.pk != request.user.pk or bool(request.user.is_superuser)


def _may_change(self: Any, request: HttpRequest, user: Any) -> bool:
    allowed: bool = self.has_change_permission(request, user)
    return allowed


def _is_locked(self: Any, request: HttpRequest, user: Any) -> bool:
    nowhere = Caller(None, "")
    closed = attempts.closed_until(username=user.get_username(), caller=nowhere)
    return _may_change(self, request, user) and closed is not None


def _has_factor(self: Any, request: HttpRequest, user: Any) -> bool:
    """One's own is switched off on one's own page, with both factors."""
    return _may_change(self, request, user) and user.pk != request.user.pk and factor.is_on(user)


def _has_sessions(self: Any, request: HttpRequest, user: Any) -> bool:
    running = sessions.open_sessions(timezone.now()).filter(user=user)
    return _may_change(self, request, user) and running.exists()


class SignInActions:
    """For the page of a staff member."""

    actions_detail = ("unlock_sign_in", "reset_second_factor", "end_sessions")

    @form_action(
        description=_("Unlock sign-in"),
        explanation=_("The failed attempts are forgotten; the next one is judged anew."),
        permission="wallet.unlock_staff",
        icon="lock_open",
        url_path="unlock",
        offered=_is_locked,
    )
    def unlock_sign_in(self, request: HttpRequest, user: Any, form: Any) -> str:
        attempts.unlock(username=user.get_username(), address=None, by=member(request))
        return gettext("They can try again at once.")

    @form_action(
        description=_("Reset second factor"),
        explanation=_(
            "For who lost the phone and the recovery codes: make sure that it is really them who "
            "asks. Their sessions end, and the password alone signs them in next time."
        ),
        permission="wallet.reset_second_factor",
        icon="phonelink_erase",
        variant=ActionVariant.DANGER,
        url_path="reset-second-factor",
        offered=_has_factor,
    )
    def reset_second_factor(self, request: HttpRequest, user: Any, form: Any) -> str:
        factor.remove(user=user)
        sessions.end(StaffSession.objects.filter(user=user), reason=StaffSession.End.FACTOR)
        return gettext("The second factor was removed and their sessions were ended.")

    @form_action(
        description=_("End sessions"),
        explanation=_("They have to sign in again everywhere."),
        permission="wallet.end_staff_sessions",
        icon="logout",
        url_path="end-sessions",
        offered=_has_sessions,
    )
    def end_sessions(self, request: HttpRequest, user: Any, form: Any) -> str:
        sessions.end(StaffSession.objects.filter(user=user), reason=StaffSession.End.STAFF)
        return gettext("Their sessions were ended.")

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A new password ends the sessions that the old one opened."""
        user = self.get_object(request, kwargs.get("id") or args[0])  # type: ignore[attr-defined]
        response = super().user_change_password(request, *args, **kwargs)  # type: ignore[misc]
        if request.method == "POST" and response.status_code == 302:
            sessions.end_others(request, user=user, reason=StaffSession.End.PASSWORD)
        return response
