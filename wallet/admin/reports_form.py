"""What a report is asked for, as a form whose values stand in the address."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from wallet.admin.base import choices_of
from wallet.admin.forms import day_field
from wallet.models import Channel
from wallet.reports.asking import DEFAULT_BY, Ask, read_ask
from wallet.reports.catalogue import GROUPS, LEAST, Report
from wallet.scope import scope_of

DAYS = 7


class AskForm(forms.Form):
    """Only the fields that the report knows; what is left out has its default."""

    since = day_field(label=_("From"))
    until = day_field(label=_("To (inclusive)"))
    channel = forms.TypedChoiceField(
        label=_("Channel"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=UnfoldAdminSelectWidget,
    )
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=8,
        widget=UnfoldAdminTextInputWidget(attrs={"size": 5}),
    )
    least = forms.DecimalField(
        label=_("At least"),
        max_digits=19,
        decimal_places=4,
        min_value=0,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "size": 10}),
    )
    by = forms.MultipleChoiceField(
        label=_("Group by"),
        required=False,
        choices=[(name, capfirst(title)) for name, title in GROUPS.items()],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, request: HttpRequest, report: Report) -> None:
        super().__init__(_with_defaults(request.GET))
        for name in {"since", "until", "least", "by"} - report.fields:
            del self.fields[name]
        if "since" not in report.fields and "until" in report.fields:
            self.fields["until"].label = _("At the end of")
        channels = [(row.pk, str(row)) for row in choices_of(Channel, request).order_by("pk")]
        for field in self.fields.values():
            if isinstance(field, forms.TypedChoiceField):
                field.choices = [("", _("All")), *channels]
        self.request = request

    def ask(self) -> Ask:
        """Of a valid form. Raises BadAsk."""
        data = self.cleaned_data
        until = str(data.get("until") or timezone.localdate())
        return read_ask(
            scope=scope_of(self.request.user),
            since=str(data.get("since") or until),
            until=until,
            zone=timezone.get_current_timezone_name(),
            channel=data["channel"],
            currency=data["currency"].strip().upper(),
            by=tuple(data.get("by") or ()),
            least=str(data.get("least") or 0),
        )


def _with_defaults(chosen: QueryDict) -> QueryDict:
    """The address's values. Without any it is the last days, by day and channel."""
    data = chosen.copy()
    today = timezone.localdate()
    data.setdefault("since", str(today - timedelta(days=DAYS - 1)))
    data.setdefault("until", str(today))
    data.setdefault("least", LEAST)
    if "since" not in chosen and "by" not in chosen:
        data.setlist("by", list(DEFAULT_BY))
    return data
