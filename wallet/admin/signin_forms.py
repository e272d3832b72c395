"""What staff type to sign in and to look after their own sign-in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from wallet.models import StaffLogin
from wallet.signin import attempts, factor
from wallet.signin.caller import Caller


def _code_field(**attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=pgettext_lazy("second factor", "Code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", **attrs}),
    )


class SignInForm(AuthenticationForm):
    """Name and password; every attempt is judged by the lock-out as well."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if username and password:
            try:
                self.user_cache = attempts.check_password(
                    request=self.request, username=username, password=password
                )
            except attempts.NotSignedIn as refusal:
                raise ValidationError(str(refusal)) from refusal
        data: dict[str, Any] = self.cleaned_data
        return data


class CodeForm(forms.Form):
    """The second step: a code of the app, or a recovery code."""

    code = _code_field(autofocus=True, inputmode="numeric")
    outcome: StaffLogin.Outcome

    def __init__(
        self, *args: Any, request: HttpRequest, user: User, recovery: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user
        if recovery:
            self.fields["code"].label = _("Recovery code")
            self.fields["code"].widget.attrs["inputmode"] = "text"

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            self.outcome = attempts.check_code(
                user=self.user, code=code, caller=Caller.of(self.request)
            )
        except attempts.NotSignedIn as refusal:
            raise ValidationError(str(refusal)) from refusal
        return code


class PasswordAgainForm(forms.Form):
    """Proof that it is still the same person, before the second factor changes."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            attempts.check_password(
                request=self.request, username=self.user.get_username(), password=password
            )
        except attempts.NotSignedIn as refusal:
            raise ValidationError(str(refusal)) from refusal
        return password


class SetUpForm(PasswordAgainForm):
    """The first code of a new authenticator app."""

    code = _code_field(inputmode="numeric")
    recovery_codes: list[str]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        codes = factor.confirm(user=self.user, code=data["code"])
        if codes is None:
            self.add_error(
                "code",
                _(
                    "This is not the code that the app shows now. Check that the phone's clock is "
                    "right, and try the next one."
                ),
            )
        else:
            self.recovery_codes = codes
        return data


class ProofForm(PasswordAgainForm):
    """Password and second factor."""

    code = _code_field()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                attempts.check_code(
                    user=self.user, code=data["code"], caller=Caller.of(self.request)
                )
            except attempts.NotSignedIn as refusal:
                self.add_error("code", str(refusal))
        return data
