"""Filters of the lists: choices within scope, periods in the reader's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import SEARCH_VAR, ChangeList
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RelatedDropdownFilter,
)
from unfold.widgets import INPUT_CLASSES, UnfoldAdminSelectWidget

from wallet.admin.base import choices_of
from wallet.admin.forms import day_field

__all__ = [
    "AutocompleteFilter",
    "ChoicesDropdownFilter",
    "PeriodFilter",
    "RelatedFilter",
    "SizeFilter",
]


class RelatedFilter(RelatedDropdownFilter):
    """The related rows that the staff member may see, in a drop-down."""

    def has_output(self) -> bool:
        """A filter that is not shown would not count, though the address asks for it."""
        return bool(self.used_parameters) or super().has_output()

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: Any
    ) -> list[tuple[Any, str]]:
        rows = choices_of(field.remote_field.model, request).order_by("pk")
        return [(row.pk, str(row)) for row in rows]


class AutocompleteFilter(AutocompleteSelectFilter):
    """Many related rows, looked for by typing; names only those within scope."""

    def choices(self, changelist: ChangeList) -> Iterator[dict[str, Any]]:
        for choice in super().choices(changelist):
            field = choice["form"].fields[self.lookup_kwarg]
            field.queryset = choices_of(self.field.remote_field.model, self.request)
            yield choice


class _PeriodForm(forms.Form):
    def __init__(self, *args: Any, name: str, choices: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[name] = forms.ChoiceField(
            choices=choices, required=False, label=label, widget=UnfoldAdminSelectWidget
        )
        self.fields[f"{name}_from"] = day_field(label=_("From"), required=False)
        self.fields[f"{name}_to"] = day_field(label=_("To (inclusive)"), required=False)


class PeriodFilter(admin.FieldListFilter):
    """A period of days in the reader's time zone.

    Without a choice the list shows ``default`` only, so that no page ever starts with the whole
    table; a search without a chosen period looks at all time, because it is exact.
    """

    template = "unfold/filters/filters_field.html"
    default = "7d"
    periods = {
        "today": _("Today"),
        "yesterday": _("Yesterday"),
        "7d": _("Last 7 days"),
        "30d": _("Last 30 days"),
        "month": _("This month"),
        "last_month": _("Last month"),
        "all": _("All time"),
    }

    def __init__(
        self,
        field: Field[Any, Any],
        request: HttpRequest,
        params: dict[str, Any],
        model: type[Model],
        model_admin: Any,
        field_path: str,
    ) -> None:
        self.request = request
        super().__init__(field, request, params, model, model_admin, field_path)
        self.chosen: dict[str, str] = {
            name: values[-1]
            for name, values in self.used_parameters.items()
            if isinstance(values, list) and values[-1]
        }
        self.used_parameters = dict(self.chosen)

    def expected_parameters(self) -> list[str | None]:
        return [self.field_path, f"{self.field_path}_from", f"{self.field_path}_to"]

    @property
    def period(self) -> str:
        chosen = self.chosen.get(self.field_path, "")
        if chosen in self.periods:
            return chosen
        if self._day("from") or self._day("to"):
            return "custom"
        return "all" if self.request.GET.get(SEARCH_VAR) else self.default

    @property
    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """From (inclusive) and until (exclusive); None where open."""
        first, last = self._days()
        return (
            _midnight(first) if first else None,
            _midnight(last + timedelta(days=1)) if last else None,
        )

    @property
    def description(self) -> str:
        if self.period != "custom":
            return str(self.periods[self.period])
        return f"{self._day('from') or '…'} – {self._day('to') or '…'}"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, until = self.bounds
        if first:
            queryset = queryset.filter(**{f"{self.field_path}__gte": first})
        if until:
            queryset = queryset.filter(**{f"{self.field_path}__lt": until})
        return queryset

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        name = self.field_path
        default = (
            "",
            _("Default: %(period)s") % {"period": self.periods[self.default]},
        )
        yield {
            "form": _PeriodForm(
                self.chosen,
                name=name,
                choices=[default, *self.periods.items()],
                label=capfirst(self.title),
            )
        }

    def _day(self, end: str) -> date | None:
        try:
            day = date.fromisoformat(self.chosen.get(f"{self.field_path}_{end}", ""))
        except ValueError:
            return None
        return day if day < date.max else None  # a period ends with the next day's midnight

    def _days(self) -> tuple[date | None, date | None]:
        today = timezone.localdate()
        match self.period:
            case "today":
                return today, None
            case "yesterday":
                return today - timedelta(days=1), today - timedelta(days=1)
            case "7d":
                return today - timedelta(days=6), None
            case "30d":
                return today - timedelta(days=29), None
            case "month":
                return today.replace(day=1), None
            case "last_month":
                last = today.replace(day=1) - timedelta(days=1)
                return last.replace(day=1), last
            case "custom":
                return self._day("from"), self._day("to")
        return None, None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class RecentFilter(PeriodFilter):
    """For smaller lists, where the last month fits on a few pages."""

    default = "30d"


class AnyTimeFilter(PeriodFilter):
    """For lists that start with everything, such as players."""

    default = "all"


class _SizeForm(forms.Form):
    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        attrs = {"class": " ".join(INPUT_CLASSES), "inputmode": "decimal", "autocomplete": "off"}
        for end, label in (("from", _("Amount from")), ("to", _("Amount to (inclusive)"))):
            self.fields[f"{name}_{end}"] = forms.DecimalField(
                required=False,
                min_value=0,
                max_digits=20,
                decimal_places=4,
                label=label,
                widget=forms.TextInput(attrs=attrs),
            )


class SizeFilter(admin.ListFilter):
    """How large the amount is, whichever way it moved."""

    title = _("amount")
    template = "unfold/filters/filters_field.html"
    field = "amount"
    parameter_name = "size"

    def __init__(
        self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any
    ) -> None:
        super().__init__(request, params, model, model_admin)
        for name in self.expected_parameters():
            if values := params.pop(str(name), None):
                self.used_parameters[str(name)] = values[-1]
        self.form = _SizeForm(self.used_parameters, name=self.parameter_name)
        chosen = self.form.cleaned_data if self.form.is_valid() else {}
        self.least: Decimal | None = chosen.get(f"{self.parameter_name}_from")
        self.most: Decimal | None = chosen.get(f"{self.parameter_name}_to")

    def expected_parameters(self) -> list[str | None]:
        return [f"{self.parameter_name}_from", f"{self.parameter_name}_to"]

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield {"form": self.form}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.least is None and self.most is None:
            return queryset
        credited, debited = Q(), Q()
        if self.least is not None:
            credited &= Q(**{f"{self.field}__gte": self.least})
            debited &= Q(**{f"{self.field}__lte": -self.least})
        if self.most is not None:
            credited &= Q(**{f"{self.field}__lte": self.most})
            debited &= Q(**{f"{self.field}__gte": -self.most})
        if self.least is None:
            return queryset.filter(credited & debited)  # around zero
        return queryset.filter(credited | debited)
