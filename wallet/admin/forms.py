"""Forms of the actions, dressed in Unfold's widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MinValueValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from wallet.fields import MONEY_DIGITS, MONEY_PLACES

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class ActionForm(forms.Form):
    """Asks for nothing but the confirmation. ``obj`` is what the action is about."""

    required_css_class = "required"

    def __init__(self, *args: Any, request: HttpRequest, obj: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.obj = obj


def reason_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=required,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Kept with the change; colleagues and auditors read it."),
    )


def money_field(*, label: Any, positive: bool = False, help_text: Any = "") -> forms.DecimalField:
    """An amount in the wallet's currency; Decimal, at most four decimals."""
    return forms.DecimalField(
        label=label,
        max_digits=MONEY_DIGITS,
        decimal_places=MONEY_PLACES,
        validators=[MinValueValidator(0)] if positive else [],
        widget=UnfoldAdminDecimalFieldWidget(attrs={"step": "0.0001", "inputmode": "decimal"}),
        help_text=help_text,
    )


def day_field(**kwargs: Any) -> forms.DateField:
    """A day, chosen in the browser's own calendar, which knows ISO dates only."""
    attrs = {"type": "date", "class": " ".join(INPUT_CLASSES)}
    return forms.DateField(widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d"), **kwargs)


def choice_field(**kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(widget=UnfoldAdminSelectWidget, **kwargs)


def model_field(**kwargs: Any) -> forms.ModelChoiceField[Any]:
    return forms.ModelChoiceField(
        widget=UnfoldAdminSelectWidget, empty_label=_("Select value"), **kwargs
    )


class ReasonForm(ActionForm):
    reason = reason_field()


class NewPasswordForm(ActionForm):
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("5 to 64 characters."),
    )
    repeated = forms.CharField(
        label=_("New password again"),
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("password") != data.get("repeated"):
            self.add_error("repeated", _("The two passwords differ."))
        return data
