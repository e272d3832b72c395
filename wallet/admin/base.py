"""What every page of the back-office shares: scope, permissions, safe lookups, form actions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.views import ChangeList

from wallet.admin.trail import TRAIL
from wallet.scope import visible

# What may follow a filter's name in an address; anything else could be used to guess secrets.
_LOOKUP = re.compile(
    r"(__(id|pk|type_id))?(__exact|__in|__isnull|__gte|__lte|__lt|_from|_to|_(from|to)_[01])?"
)


class Scoped:
    """Shows and offers only what lies in the staff member's scope.

    ``scope_channel`` and ``scope_sub_channel`` are the lookup paths from the model; None as
    ``scope_channel`` means that the rows belong to no channel.
    """

    scope_channel: str | None = "channel"
    scope_sub_channel: str | None = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.limit(request, super().get_queryset(request))  # type: ignore[misc]

    def limit(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows within scope."""
        if self.scope_channel is None:
            return queryset
        return visible(
            request.user,
            queryset,
            channel=self.scope_channel,
            sub_channel=self.scope_sub_channel,
        )

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> Any:
        return choices_of(db_field.remote_field.model, request)

    def choices(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that forms and filters of other pages offer."""
        return self.get_queryset(request)


def choices_of(model: type[Model], request: HttpRequest) -> QuerySet[Any]:
    """What a foreign key to the model may be set to, or filtered by."""
    page: Any = admin.site.get_model_admin(model)
    rows: QuerySet[Any] = page.choices(request)
    return rows


class PrefetchingChangeList(ChangeList):
    """A change list that fetches ``list_prefetch_related`` for the page's rows."""

    def get_queryset(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(*args, **kwargs)
        return queryset.prefetch_related(*self.model_admin.list_prefetch_related)


class BackOfficeAdmin(Scoped, ModelAdmin):
    """The common ModelAdmin. Rows are kept: a model that may be deleted says so."""

    list_per_page = 25
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    actions: ClassVar[Any] = ()
    ordering: ClassVar[Any] = ("-pk",)
    # Lookups that links of other pages use, besides the filters.
    linked_lookups: Sequence[str] = ()
    list_prefetch_related: Sequence[Any] = ()
    deletable = False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PrefetchingChangeList

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Only the page's own filters: Django would allow ?password__startswith=."""
        for item in [*self.get_list_filter(request), *self.linked_lookups]:
            if isinstance(item, str):
                name = item
            elif isinstance(item, (list, tuple)):
                name = item[0]
            else:
                name = item.parameter_name
            if lookup.startswith(name) and _LOOKUP.fullmatch(lookup.removeprefix(name)):
                return True
        return False

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The object's audit trail above Django's own list of what was done here."""
        context: dict[str, Any] = {"panel": TRAIL, **(extra_context or {})}
        if request.user.has_perm(TRAIL.permission) and (obj := self.get_object(request, object_id)):
            context["table"] = TRAIL.build(request, obj)
        return super().history_view(request, object_id, context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Nobody puts a row where they could not see it; the transaction is the page's."""
        super().save_model(request, obj, form, change)
        if not self.get_queryset(request).filter(pk=obj.pk).exists():
            raise PermissionDenied

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {"show_save_and_add_another": object_id is None, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def get_actions_detail(self, request: HttpRequest, object_id: int) -> list[UnfoldAction]:
        """Buttons that the reader may press and that make sense for this object."""
        actions = [
            action
            for action in super().get_actions_detail(request, object_id)
            if request.user.has_perm(action.method.permission)
        ]
        if not actions:
            return actions
        obj = self.get_object(request, str(object_id))
        return [
            action
            for action in actions
            if obj is not None and action.method.offered(self, request, obj)
        ]


class ReadOnlyAdmin(BackOfficeAdmin):
    """Rows that the system writes: seen, never edited here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class BackOfficeInline(Scoped, TabularInline):
    extra = 0
    scope_channel: str | None = None  # the parent is in scope already

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(BackOfficeInline):
    can_delete = False
    show_change_link = False
    hide_title = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
