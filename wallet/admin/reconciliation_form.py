"""What a reconciliation is asked for, and how differences are narrowed to the open ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminFileFieldWidget

from wallet.admin.base import choices_of
from wallet.admin.forms import ActionForm, choice_field, day_field, model_field
from wallet.models import Channel, Reconciliation

LARGEST_FILE = 200 * 1024 * 1024


def _yesterday() -> Any:
    return timezone.localdate() - timedelta(days=1)


class ReconcileForm(ActionForm):
    provider = choice_field(label=_("Provider"), choices=Reconciliation.Provider)
    channel = model_field(label=_("Channel"), queryset=Channel.objects.none())
    day = day_field(
        label=_("Day"),
        initial=_yesterday,
        help_text=_("In the time zone that is chosen in the header."),
    )
    file = forms.FileField(
        label=_("eBET's records (CSV)"), required=False, widget=UnfoldAdminFileFieldWidget
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        for field in self.fields.values():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = choices_of(Channel, request).order_by("pk")

    def clean_file(self) -> UploadedFile[Any] | None:
        file: UploadedFile[Any] | None = self.cleaned_data.get("file")
        if file is None:
            return None
        if self.cleaned_data.get("provider") != Reconciliation.Provider.EBET:
            raise ValidationError(_("Only eBET's records come from a file."))
        if (file.size or 0) > LARGEST_FILE:
            raise ValidationError(_("The file is larger than 200 MB."))
        return file


class ResolvedFilter(DropdownFilter):
    """Those that wait for somebody, or those that somebody has settled."""

    title = _("resolved")
    parameter_name = "resolved"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("to be resolved")), ("yes", _("resolved"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(resolved_at__isnull=self.value() == "no")
        return queryset
