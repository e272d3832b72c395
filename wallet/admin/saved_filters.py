"""Filters of a list kept under a name: one's own, and those that colleagues share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wallet.admin.paging import NOT_FILTERS
from wallet.models import SavedFilter
from wallet.scope import member, scope_of

SHARE = "wallet.share_savedfilter"
MOST = 50  # of one person in one list


@dataclass(frozen=True, slots=True)
class Menu:
    """What stands above a list. ``current`` is one of the filters, or None."""

    filters: list[SavedFilter]
    own: list[tuple[SavedFilter, str]]  # with the address that changes it
    current: SavedFilter | None
    query: str
    may_share: bool
    save_address: str


class _NameForm(forms.Form):
    name = forms.CharField(max_length=SavedFilter._meta.get_field("name").max_length)
    shared = forms.BooleanField(required=False)


def kept_part(query: QueryDict) -> str:
    """The filters of an address in one order, so that two ways of writing them are the same."""
    chosen = [
        (name, value)
        for name, values in sorted(query.lists())
        for value in values
        if value and name not in NOT_FILTERS
    ]
    return urlencode(chosen)


def menu_of(request: HttpRequest, model_admin: Any) -> Menu:
    """The menu for a reader of the list, in two queries however many there are."""
    opts = model_admin.opts
    query = kept_part(request.GET)
    base = f"admin:{opts.app_label}_{opts.model_name}"
    filters = _offered(member(request), opts.label_lower)
    return Menu(
        filters=filters,
        own=[
            (one, reverse(f"{base}_change_filter", args=[one.pk]))
            for one in filters
            if one.owner_id == request.user.pk
        ],
        current=next((one for one in filters if one.query == query), None),
        query=query,
        may_share=request.user.has_perm(SHARE),
        save_address=reverse(f"{base}_save_filter"),
    )


def _offered(reader: User, listing: str) -> list[SavedFilter]:
    """One's own, and those that colleagues share who still work here and see nothing more.

    Names and searched words tell of the rows that their owner sees.
    """
    found = (
        SavedFilter.objects.filter(listing=listing)
        .filter(Q(owner=reader) | Q(shared=True, owner__is_active=True))
        .select_related("owner")
        .prefetch_related("owner__scopes")
        .order_by("name", "pk")
    )
    mine = scope_of(reader)
    return [one for one in found if one.owner_id == reader.pk or mine.holds(scope_of(one.owner))]


class SavedFilters:
    """A list whose filters can be kept. Goes before the ModelAdmin."""

    opts: Any
    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        save = self.admin_site.admin_view(require_POST(self.save_filter))
        change = self.admin_site.admin_view(require_POST(self.change_filter))
        return [
            path("filters/save/", save, name=f"{name}_save_filter"),
            path("filters/<int:number>/", change, name=f"{name}_change_filter"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def save_filter(self, request: HttpRequest) -> HttpResponse:
        """Keep the filters that the list shows under a name."""
        self._demand_view(request)
        query = kept_part(QueryDict(request.POST.get("query", "")))
        listing = self.opts.label_lower
        form = _NameForm(request.POST)
        own = SavedFilter.objects.filter(owner=member(request), listing=listing)
        if not form.is_valid():
            messages.error(request, _("Give the filter a name of at most 60 characters."))
        elif not query or len(query) > 2000:
            messages.error(request, _("Choose some filters first, then save them."))
        elif own.count() >= MOST:
            messages.error(request, _("You have saved enough filters here: delete one first."))
        else:
            one = SavedFilter(owner=member(request), listing=listing, query=query)
            self._write(request, one, form)
        return self._back(query)

    def change_filter(self, request: HttpRequest, number: int) -> HttpResponse:
        """Rename, share or delete one of one's own."""
        self._demand_view(request)
        one = SavedFilter.objects.filter(
            pk=number, owner=member(request), listing=self.opts.label_lower
        ).first()
        if one is None:
            raise Http404
        form = _NameForm(request.POST)
        if "delete" in request.POST:
            one.delete()
            messages.success(request, _("The filter “%(name)s” is deleted.") % {"name": one})
        elif not form.is_valid():
            messages.error(request, _("Give the filter a name of at most 60 characters."))
        else:
            self._write(request, one, form)
        return self._back(kept_part(QueryDict(request.POST.get("query", ""))))

    def _write(self, request: HttpRequest, one: SavedFilter, form: _NameForm) -> None:
        shared = form.cleaned_data["shared"]
        if shared and not one.shared and not request.user.has_perm(SHARE):
            raise PermissionDenied
        one.name, one.shared = form.cleaned_data["name"], shared
        try:
            with transaction.atomic():
                one.save()
        except IntegrityError:
            messages.error(
                request, _("You have a filter “%(name)s” here already.") % {"name": one.name}
            )
        else:
            messages.success(request, _("The filter “%(name)s” is saved.") % {"name": one.name})

    def _demand_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied

    def _back(self, query: str) -> HttpResponseRedirect:
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return HttpResponseRedirect(f"{address}?{query}" if query else address)
