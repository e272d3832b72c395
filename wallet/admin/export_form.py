"""What an export is asked for, as a form: its fields follow from the source's filters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from wallet.admin.base import choices_of
from wallet.admin.forms import ActionForm, choice_field, day_field
from wallet.admin.timezones import ZONES
from wallet.exports.filters import Filter, Kind
from wallet.exports.sources import Request, Source
from wallet.models import Channel, Export

DAYS: Final = 7
NONE: Final = "-"  # typed or chosen for rows that have no such thing


class _Number(forms.IntegerField):
    widget = UnfoldAdminTextInputWidget

    def to_python(self, value: Any) -> Any:
        return value if value == NONE else super().to_python(value)


class ContentForm(ActionForm):
    """What stands in the file, whenever it is made."""

    zone = choice_field(label=_("Time zone"), choices=[(zone, zone) for zone in ZONES])
    format = choice_field(label=_("Format"), choices=Export.Format, initial=Export.Format.CSV)
    bom = forms.BooleanField(
        label=_("Mark a CSV file as UTF-8 for Excel"), required=False, initial=True
    )

    def __init__(self, *args: Any, source: Source, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, obj=None, **kwargs)
        self.source = source
        self.conditions = list(source.filters)
        for name, one in source.filters.items():
            self.fields[name] = _field(one, request)
            self.fields[name].initial = one.initial
        self.fields["zone"].initial = timezone.get_current_timezone_name()
        if source.columns:
            self.fields["columns"] = forms.MultipleChoiceField(
                label=_("Columns"),
                choices=[(column.name, capfirst(column.header)) for column in source.columns],
                initial=[column.name for column in source.columns],
                widget=forms.CheckboxSelectMultiple,
            )

    def content(self) -> dict[str, Any]:
        """Of a valid form: what a request stores besides its period."""
        data = self.cleaned_data
        chosen = data.get("columns", [])
        return {
            "zone": data["zone"],
            "filters": self._filters(),
            "columns": [] if len(chosen) == len(self.source.columns) else chosen,
            "bom": data["bom"],
            "source": self.source.name,
            "format": data["format"],
            "language": translation.get_language() or "en",
        }

    def _filters(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, one in self.source.filters.items():
            value = self.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            if one.none and value == NONE:
                found[name] = None
            elif one.kind is Kind.CHOICE:
                found[name] = next(key for key, _label in one.choices if str(key) == value)
            else:
                found[name] = value.isoformat() if one.kind is Kind.DAY else value
        return found


class ExportForm(ContentForm):
    since = day_field(label=_("From"))
    until = day_field(label=_("To (inclusive)"))
    field_order = ("since", "until", "zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        self.fields["since"].initial = today - timedelta(days=DAYS - 1)
        self.fields["until"].initial = today

    def as_request(self) -> Request:
        """Of a valid form."""
        data = self.cleaned_data
        return Request(
            since=data["since"].isoformat(), until=data["until"].isoformat(), **self.content()
        )


def initial_of(source: Source, chosen: QueryDict) -> dict[str, Any]:
    """A form's first values, out of an address that names its fields."""
    return {
        name: chosen.getlist(name)
        if name in source.filters and source.filters[name].kind is Kind.CHOICES
        else chosen[name]
        for name in chosen
    }


def initial_from(source: Source, stored: Mapping[str, Any]) -> dict[str, Any]:
    """A form's first values, out of a stored request."""
    filters = {
        name: NONE if value is None else value for name, value in stored.get("filters", {}).items()
    }
    columns = stored.get("columns") or [column.name for column in source.columns]
    return {**stored, **filters, "columns": columns}


def _field(one: Filter, request: HttpRequest) -> forms.Field:
    title = capfirst(one.title)
    everything = ("", _("All"))
    hint = _("“%(sign)s” means: %(none)s.") % {"sign": NONE, "none": one.none} if one.none else ""
    match one.kind:
        case Kind.CHANNEL:
            rows = choices_of(Channel, request).order_by("pk")
            return forms.TypedChoiceField(
                label=title,
                required=False,
                choices=[everything, *((row.pk, str(row)) for row in rows)],
                coerce=int,
                empty_value=None,
                widget=UnfoldAdminSelectWidget,
            )
        case Kind.CHOICE:
            choices = [everything, *((str(key), capfirst(label)) for key, label in one.choices)]
            if one.none:
                choices.append((NONE, capfirst(one.none)))
            return choice_field(label=title, required=False, choices=choices)
        case Kind.CHOICES:
            return forms.MultipleChoiceField(
                label=title,
                required=False,
                choices=[(key, capfirst(label)) for key, label in one.choices],
                widget=forms.CheckboxSelectMultiple,
            )
        case Kind.DAY:
            return day_field(label=title, required=False)
        case Kind.NUMBER:
            return _Number(label=title, required=False, help_text=hint)
    return forms.CharField(
        label=title,
        required=False,
        max_length=128,
        widget=UnfoldAdminTextInputWidget,
        help_text=hint,
    )
